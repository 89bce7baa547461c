# Sends GRE keepalives from 192.0.2.2 to 192.0.2.1 and prints what comes back, one packet a line in hexadecimal.
# usage: keepalive.py KEY, or 0 for none
import sys

from scapy.all import GRE, IP, AsyncSniffer, conf, send

conf.verb = 0
key = int(sys.argv[1])
words = {"key_present": 1, "key": key} if key else {}


def keepalive(number, **inner):
    back = IP(src="192.0.2.1", dst="192.0.2.2", id=number, **inner) / GRE(proto=0, **words)
    return IP(src="192.0.2.2", dst="192.0.2.1", id=1) / GRE(proto=0x800, **words) / back


sniffer = AsyncSniffer(
    iface="eth0",
    count=2,
    timeout=10,
    started_callback=lambda: send(
        [keepalive(0x100, tos=0xC0, ttl=255), keepalive(0x101, ttl=64) / b"Keepalive Request for gre test"]
    ),
    filter="src 192.0.2.1 and ip proto 47",
)
sniffer.start()
sniffer.join()
for packet in sniffer.results:
    print(bytes(packet[IP]).hex())
