# shellcheck shell=bash
# The traffic of scripts/soak, between its two namespaces west and east; sourced by it.
#
#   traffic_prepare         a server in east, in the background
#   traffic_round ADDRESS   ten seconds of everything to east's ADDRESS, and strangers' packets to both
#
# What is sent and received is counted by Culvert; here only the strangers' packets are, in ${strangers[west]} and
# ${strangers[east]}, and the pings, in the file pings: a line "<sent> <came back>" for each size.

: "${stage:?lib/cloud.sh first}" "${work:?}"

ping_sizes=(0 1 8 56 100 512 1000 1372 1400 1424 1448 1472 1473 2048 3972 4000 9000 20000 40000 65507)

# Packets to send of each kind of stranger. A kind is a protocol, a size and how it begins: GRE with a key of nobody's,
# tun_all's key without its checksum or with a wrong one, a checksum that is wrong, version 1, routing, reserved flags, no
# known protocol, cut short; then whatever comes, of each protocol.
strangers_of_a_kind=32
stranger_kinds=(
    '47 64 \x20\x00\x08\x00\x00\x00\x00\x63'
    '47 64 \x20\x00\x08\x00\x00\x00\x00\x07'
    '47 64 \xb0\x00\x08\x00\x12\x34\x00\x00\x00\x00\x00\x07\x00\x00\x00\x01'
    '47 64 \x80\x00\x08\x00\x12\x34\x00\x00'
    '47 64 \x20\x01\x88\x0b'
    '47 64 \x40\x00\x08\x00'
    '47 64 \x04\x00\x08\x00'
    '47 64 \x00\x00\x08\x06'
    '47 1 \x00'
    '4 200' '4 1' '41 200' '41 1' '47 200'
)
declare -A strangers=([west]=0 [east]=0) # sent to whom

traffic_prepare() {
    : >"$work/pings"
    ip netns exec "$stage-east" iperf3 -s >>"$work/iperf3.log" 2>&1 &
    disown # or bash would say how it ends
    local waited=0
    until [ -n "$(in_ns east ss -Hltn 'sport = :5201')" ] || [ $((waited++)) -ge 100 ]; do sleep 0.1; done
}

traffic_round() {
    ping_all_sizes "$1" &
    local pings=$!
    traffic_iperf3 -c "$1" -t 4 --bidir
    wait "$pings"
    traffic_iperf3 -c "$1" -t 1 -u -l 64 -b 10M
    traffic_iperf3 -c "$1" -t 1 -u -l 64 -b 10M -R
    traffic_iperf3 -c "$1" -t 1 -u -l 64 -b 50M
    send_strangers west east 1 2
    send_strangers east west 2 1
}

# Its own count of what arrived is not needed, and it may give up where packets are lost.
traffic_iperf3() {
    in_ns west timeout 20 iperf3 "$@" >>"$work/iperf3.log" 2>&1 || true
}

ping_all_sizes() {
    local size
    for size in "${ping_sizes[@]}"; do
        in_ns west ping -n -q -c 5 -i 0.01 -W 1 -s "$size" "$1" 2>&1 |
            sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' >>"$work/pings" || true
    done
}

# send_strangers FROM TO FROM_DIGIT TO_DIGIT
send_strangers() {
    local kind protocol size begin
    for kind in "${stranger_kinds[@]}"; do
        read -r protocol size begin <<<"$kind"
        send_kind "$1" "$protocol" "$size" "192.0.2.$3" "192.0.2.$4" "$begin"
        strangers[$2]=$((strangers[$2] + strangers_of_a_kind))
    done
    # a sound header, from an address that no tunnel knows
    send_kind "$1" 47 64 "198.51.100.$3" "192.0.2.$4" '\x00\x00\x08\x00'
    strangers[$2]=$((strangers[$2] + strangers_of_a_kind))
}

# send_kind FROM PROTOCOL SIZE SOURCE DESTINATION BEGIN: packets that begin so and go on with whatever comes
send_kind() {
    local i
    for ((i = 0; i < strangers_of_a_kind; i++)); do
        printf '%b' "$6"
        head -c $(($3 - ${#6} / 4)) /dev/urandom # BEGIN has four characters a byte
    done >"$work/strangers"
    # a packet for every block
    in_ns "$1" socat -u -b "$3" "OPEN:$work/strangers" "IP4-SENDTO:$5:$2,bind=$4" 2>>"$work/socat.log"
}
