# shellcheck shell=bash
# What the demo measures, between two namespaces of lib/cloud.sh; sourced by it. Each function prints one line of
# numbers for the caller to put into words.
#
#   round_trips FROM ADDRESS COUNT    "<came back> <p50 in ms> <p99 in ms>"
#   copy_file FROM TO ADDRESS FILE    "<seconds> <megabits per second> <SHA-256 of what arrived>"; the caller compares
#   decode_packets HOST COUNT FILTER TEXT_FILE
#                                     in the background: write the next packets at a host's card, decoded, to a file

: "${stage:?lib/cloud.sh first}"

# The port of the copied file. Any would do.
copy_port=5001

round_trips() {
    local from=$1 address=$2 count=$3 replies
    # 200 a second: slow enough that one reply is back before the next request leaves.
    replies=$(in_ns "$from" ping -n -c "$count" -i 0.005 -W 2 "$address" |
        sed -n '/DUP!/d; s/.* time=\([0-9.]*\) ms.*/\1/p' | sort -n) || true # ping fails when none came back
    awk '
        NF { time[++n] = $1 }
        function percentile(p,   rank) {
            rank = int(n * p / 100 + 0.999999)
            return n ? time[rank < 1 ? 1 : rank] : "-"
        }
        END { print n + 0, percentile(50), percentile(99) }' <<<"$replies"
}

copy_file() {
    local from=$1 to=$2 address=$3 file=$4 received listen connect receiver begin elapsed waited=0
    received=$file.received
    case $address in
        *:*) listen=TCP6-LISTEN:$copy_port connect=TCP6:[$address]:$copy_port ;;
        *) listen=TCP4-LISTEN:$copy_port connect=TCP4:$address:$copy_port ;;
    esac
    rm -f "$received"
    ip netns exec "$stage-$to" timeout 40 socat -u "$listen,reuseaddr" "OPEN:$received,creat" 2>>"$file.log" &
    receiver=$!
    until [ -n "$(in_ns "$to" ss -Hltn "sport = :$copy_port")" ] || [ $((waited++)) -ge 100 ]; do sleep 0.05; done
    begin=${EPOCHREALTIME/[.,]/}
    if ! in_ns "$from" timeout 40 socat -u "OPEN:$file" "$connect,connect-timeout=5" 2>>"$file.log"; then
        kill "$receiver" 2>/dev/null || true
    fi
    wait "$receiver" || true
    elapsed=$((${EPOCHREALTIME/[.,]/} - begin))
    awk -v micros="$elapsed" -v bytes="$(stat -c %s "$file")" -v hash="$(sha256sum 2>/dev/null <"$received" | cut -d ' ' -f 1)" \
        'BEGIN { printf "%.2f %.0f %s\n", micros / 1e6, bytes * 8 / micros, hash }'
}

decode_packets() {
    local host=$1 count=$2 filter=$3 text=$4 waited=0
    # At the cloud's end of the host's cable, where no end of a tunnel can have a say in what is seen.
    ip netns exec "$stage-cloud" timeout 60 tcpdump -i "$host" -n -v -l -s 256 -c "$count" "$filter" >"$text" 2>"$text.log" &
    until grep -q 'listening on' "$text.log" 2>/dev/null || [ $((waited++)) -ge 100 ]; do sleep 0.05; done
}
