# shellcheck shell=bash
# The stage that the demo plays on; sourced by it. Five network namespaces, each named "$stage-<name>":
#
#      VPC network 172.16.144.0/20                                VPC network 172.31.240.0/20
#            fd00:571::/64                                              fd00:852::/64
#     hangzhou-ecs    hangzhou                                     hongkong    hongkong-ecs
#     172.16.150.20   172.16.156.195                           172.31.249.7    172.31.250.20
#              \       /                                                 \       /
#       [bridge vpc-hangzhou] ---- NAT 1:1, 47.114.45.139 | 8.210.37.47 ---- [bridge vpc-hongkong]
#                    '----------------------- cloud -----------------------'
#
# cloud is what the provider runs: the router of each VPC network (172.16.159.253 and 172.31.255.253), whose route table
# sends the other side's network to the host with the tunnel, and the NAT of the two public addresses between them.
#
#   cloud_build                  make it all
#   cloud_close                  give hangzhou and hongkong a stateful security group
#   cloud_forget                 have the security groups forget what their hosts sent, as after a long silence
#   cloud_counted COUNTER        packets of a named counter of the cloud
#   cloud_remembers HOST         the flows that a host's security group holds open
#   cloud_remove                 end what runs in the namespaces and delete them
#   in_ns NAME COMMAND...        run a command in a namespace
#
# What is to run in the background and be ended by its process id is started with `ip netns exec "$stage-NAME"` itself:
# in_ns would put a subshell in between.

stage=culvert-demo-$$

# GRE, IPIP and 6in4 as nftables writes a set of IP protocols.
tunnels='{ 4, 41, 47 }'

in_ns() {
    ip netns exec "$stage-$1" "${@:2}"
}

# A namespace that routes and filters nothing by itself, whatever the machine's own settings are: a new one inherits those.
add_namespace() {
    ip netns add "$stage-$1"
    # shellcheck disable=SC2016 # the inner shell expands
    in_ns "$1" sh -c 'for setting; do echo "${setting#*=}" >"/proc/sys/net/${setting%%=*}"; done' sh \
        ipv4/conf/all/rp_filter=0 ipv4/conf/default/rp_filter=0 \
        ipv4/conf/all/send_redirects=0 ipv4/conf/default/send_redirects=0 \
        ipv4/conf/all/accept_redirects=0 ipv4/conf/default/accept_redirects=0 \
        ipv6/conf/all/disable_ipv6=0 ipv6/conf/default/disable_ipv6=0 \
        ipv6/conf/all/accept_redirects=0 ipv6/conf/default/accept_redirects=0 \
        ipv6/conf/default/accept_dad=0 ipv6/conf/default/accept_ra=0
    ip -n "$stage-$1" link set lo up
}

let_forward() {
    in_ns "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# add_host NAME VPC IPV4 IPV6 ROUTER4 ROUTER6: a host on the VPC's network that knows one route, the default one.
add_host() {
    local name=$1 vpc=$2 ipv4=$3 ipv6=$4 router4=$5 router6=$6
    add_namespace "$name"
    ip -n "$stage-cloud" link add "$name" type veth peer name eth0 netns "$stage-$name"
    ip -n "$stage-cloud" link set "$name" master "vpc-$vpc" up
    ip -n "$stage-$name" link set eth0 up
    ip -n "$stage-$name" addr add "$ipv4/20" dev eth0
    ip -n "$stage-$name" addr add "$ipv6/64" dev eth0 nodad
    ip -n "$stage-$name" route add default via "$router4"
    ip -n "$stage-$name" route add default via "$router6"
}

# add_vpc NAME TABLE NETWORK4 NETWORK6 ROUTER4 ROUTER6: the VPC's switch, its router, and the router's own table.
add_vpc() {
    local bridge=vpc-$1 table=$2 network4=$3 network6=$4 router4=$5 router6=$6
    ip -n "$stage-cloud" link add "$bridge" type bridge
    ip -n "$stage-cloud" link set "$bridge" up
    ip -n "$stage-cloud" addr add "$router4/20" dev "$bridge"
    ip -n "$stage-cloud" addr add "$router6/64" dev "$bridge" nodad
    ip -n "$stage-cloud" route add "$network4" dev "$bridge" table "$table"
    ip -n "$stage-cloud" route add "$network6" dev "$bridge" table "$table"
    ip -n "$stage-cloud" rule add iif "$bridge" lookup "$table" pref "$table"
    ip -n "$stage-cloud" -6 rule add iif "$bridge" lookup "$table" pref "$table"
}

# Packets to a public address carry mark 1 from before the translation on, and table 50 takes them across;
# all others obey the table of the VPC that they come from, where the other VPC lies behind the tunnel.
add_internet() {
    ip -n "$stage-cloud" route add 172.16.144.0/20 dev vpc-hangzhou table 50
    ip -n "$stage-cloud" route add 172.31.240.0/20 dev vpc-hongkong table 50
    ip -n "$stage-cloud" rule add fwmark 1 lookup 50 pref 50
    in_ns cloud nft -f - <<NFT
table ip cloud {
    map private_address {
        type ipv4_addr : ipv4_addr
        elements = { 47.114.45.139 : 172.16.156.195, 8.210.37.47 : 172.31.249.7 }
    }
    map public_address {
        type ipv4_addr : ipv4_addr
        elements = { 172.16.156.195 : 47.114.45.139, 172.31.249.7 : 8.210.37.47 }
    }
    counter gre_from_hangzhou { }
    counter gre_from_hongkong { }
    counter ipip_from_hangzhou { }
    counter ipip_from_hongkong { }
    counter sit_from_hangzhou { }
    counter sit_from_hongkong { }
    counter icmp_errors { }
    chain classify {
        type filter hook prerouting priority mangle
        ip daddr { 47.114.45.139, 8.210.37.47 } meta mark set 1
    }
    chain to_private {
        type nat hook prerouting priority dstnat
        dnat to ip daddr map @private_address
    }
    chain to_public {
        type nat hook postrouting priority srcnat
        meta mark 1 snat to ip saddr map @public_address
    }
    chain count {
        type filter hook forward priority filter
        iifname "vpc-hangzhou" counter name ip protocol map { 47 : "gre_from_hangzhou", 4 : "ipip_from_hangzhou", 41 : "sit_from_hangzhou" }
        iifname "vpc-hongkong" counter name ip protocol map { 47 : "gre_from_hongkong", 4 : "ipip_from_hongkong", 41 : "sit_from_hongkong" }
        meta mark 1 ip protocol icmp counter name icmp_errors
    }
}
NFT
}

# The kernel of a host says "I listen to multicast" on every new IPv6 interface, at moments of its own choice. Kept quiet
# on the tunnels, so that what is counted, and what opens a security group, is what the demo sent.
keep_quiet() {
    in_ns "$1" nft -f - <<'NFT'
table ip6 quiet {
    chain output {
        type filter hook output priority filter
        oifname "tun_*" icmpv6 type { mld-listener-report, mld2-listener-report, nd-router-solicit } drop
    }
}
NFT
}

cloud_build() {
    add_namespace cloud
    let_forward cloud
    add_vpc hangzhou 100 172.16.144.0/20 fd00:571::/64 172.16.159.253 fd00:571::253
    add_vpc hongkong 200 172.31.240.0/20 fd00:852::/64 172.31.255.253 fd00:852::253
    add_host hangzhou hangzhou 172.16.156.195 fd00:571::195 172.16.159.253 fd00:571::253
    add_host hangzhou-ecs hangzhou 172.16.150.20 fd00:571::20 172.16.159.253 fd00:571::253
    add_host hongkong hongkong 172.31.249.7 fd00:852::7 172.31.255.253 fd00:852::253
    add_host hongkong-ecs hongkong 172.31.250.20 fd00:852::20 172.31.255.253 fd00:852::253
    add_internet
    # The entry that a user adds to the VPC's route table in the provider's console.
    ip -n "$stage-cloud" route add 172.31.240.0/20 via 172.16.156.195 table 100
    ip -n "$stage-cloud" route add 172.16.144.0/20 via 172.31.249.7 table 200
    ip -n "$stage-cloud" route add fd00:852::/64 via fd00:571::195 table 100
    ip -n "$stage-cloud" route add fd00:571::/64 via fd00:852::7 table 200
    local gateway
    for gateway in hangzhou hongkong; do
        let_forward "$gateway"
        keep_quiet "$gateway"
    done
}

# A security group stands at the card of one host and knows only what that host sent. One connection table for the whole
# cloud would know both hosts' packets, so each group remembers its own flows, as long as conntrack keeps a one-way GRE flow.
# Inbound is looked at after the NAT: as the host would see the packet.
cloud_close() {
    in_ns cloud nft -f - <<NFT
table ip security_group {
    set hangzhou_sent { typeof ip saddr . ip daddr . ip protocol; flags dynamic,timeout; timeout 30s; }
    set hongkong_sent { typeof ip saddr . ip daddr . ip protocol; flags dynamic,timeout; timeout 30s; }
    counter hangzhou_let_in { }
    counter hangzhou_refused { }
    counter hongkong_let_in { }
    counter hongkong_refused { }
    chain outbound {
        type filter hook prerouting priority raw
        iifname "vpc-hangzhou" ip protocol $tunnels update @hangzhou_sent { ip saddr . ip daddr . ip protocol }
        iifname "vpc-hongkong" ip protocol $tunnels update @hongkong_sent { ip saddr . ip daddr . ip protocol }
    }
    chain inbound {
        type filter hook postrouting priority srcnat + 50
        oifname "vpc-hangzhou" ip protocol $tunnels jump into_hangzhou
        oifname "vpc-hongkong" ip protocol $tunnels jump into_hongkong
    }
    chain into_hangzhou {
        ip daddr . ip saddr . ip protocol @hangzhou_sent counter name hangzhou_let_in accept
        counter name hangzhou_refused drop
    }
    chain into_hongkong {
        ip daddr . ip saddr . ip protocol @hongkong_sent counter name hongkong_let_in accept
        counter name hongkong_refused drop
    }
}
NFT
}

cloud_forget() {
    in_ns cloud nft 'flush set ip security_group hangzhou_sent; flush set ip security_group hongkong_sent'
}

cloud_counted() {
    in_ns cloud nft list counters | awk -v name="$1" '$1 == "counter" { found = $2 == name } found && $1 == "packets" { print $2 }'
}

# One flow a line, such as "172.31.249.7 -> 47.114.45.139, protocol 47".
cloud_remembers() {
    in_ns cloud nft --numeric-protocol list set ip security_group "$1_sent" |
        { grep -oE '[0-9.]+ \. [0-9.]+ \. [0-9]+' || true; } | sed 's/ \. / -> /; s/ \. /, protocol /'
}

cloud_remove() {
    local name pids
    for name in hangzhou hangzhou-ecs hongkong hongkong-ecs cloud; do
        [ -e "/run/netns/$stage-$name" ] || continue
        pids=$(ip netns pids "$stage-$name")
        # shellcheck disable=SC2086 # one word a process
        [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
        ip netns delete "$stage-$name"
    done
}
