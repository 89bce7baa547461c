package io.culvert.dissect;

import io.culvert.wire.EtherType;
import io.culvert.wire.IpProtocol;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;

/** The names of numbers that several headers share, and how numbers are said. */
public final class Words {
    private static final Map<Integer, String> IP_PROTOCOLS =
            Map.ofEntries(
                    Map.entry(IpProtocol.IPV6_HOP_BY_HOP, "hop-by-hop options"),
                    Map.entry(IpProtocol.ICMP, "ICMP"),
                    Map.entry(2, "IGMP"),
                    Map.entry(IpProtocol.IPIP, "IPv4"),
                    Map.entry(IpProtocol.TCP, "TCP"),
                    Map.entry(IpProtocol.UDP, "UDP"),
                    Map.entry(IpProtocol.IPV6, "IPv6"),
                    Map.entry(IpProtocol.IPV6_ROUTING, "routing"),
                    Map.entry(IpProtocol.IPV6_FRAGMENT, "fragment"),
                    Map.entry(IpProtocol.GRE, "GRE"),
                    Map.entry(IpProtocol.ESP, "ESP"),
                    Map.entry(IpProtocol.AH, "AH"),
                    Map.entry(IpProtocol.ICMPV6, "ICMPv6"),
                    Map.entry(IpProtocol.IPV6_NO_NEXT_HEADER, "no next header"),
                    Map.entry(IpProtocol.IPV6_DESTINATION_OPTIONS, "destination options"),
                    Map.entry(89, "OSPF"),
                    Map.entry(94, "IPIP of 1991, not RFC 2003"),
                    Map.entry(103, "PIM"),
                    Map.entry(112, "VRRP"),
                    Map.entry(132, "SCTP"),
                    Map.entry(IpProtocol.MPLS, "MPLS"));

    private static final String[] ECN = {"Not-ECT", "ECT(1)", "ECT(0)", "CE"};
    private static final int EXPEDITED_FORWARDING = 46;
    private static final int VOICE_ADMIT = 44;
    private static final int MOST_HEX_BYTES = 32;

    private Words() {}

    /** What a field's value stands for, as far as its name alone tells; empty when it does not. */
    static String meaning(String field, long number) {
        return switch (field) {
            case "protocol", "next-header" -> IP_PROTOCOLS.getOrDefault((int) number, "");
            case "protocol-type", "ether-type" -> EtherType.name((int) number);
            case "ecn" -> ECN[(int) number];
            case "dscp" -> codePoint((int) number);
            default -> "";
        };
    }

    /** The protocol's name, or its number. */
    static String ipProtocol(int protocol) {
        return IP_PROTOCOLS.getOrDefault(protocol, "protocol " + protocol);
    }

    static String hex(long number, int bits) {
        return "0x" + HexFormat.of().toHexDigits(number, (bits + 3) / 4);
    }

    static String macAddress(long address) {
        String digits = HexFormat.of().toHexDigits(address, 12);
        return digits.replaceAll("..(?!$)", "$0:");
    }

    /** The first bytes as hexadecimal digits. */
    static String bytes(ByteBuffer memory, int at, int lengthBytes) {
        byte[] shown = new byte[Math.min(lengthBytes, MOST_HEX_BYTES)];
        memory.get(at, shown);
        return HexFormat.of().formatHex(shown) + (lengthBytes > MOST_HEX_BYTES ? "..." : "");
    }

    /** 1 byte, 2 bytes. */
    public static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String codePoint(int dscp) {
        if (dscp == EXPEDITED_FORWARDING) {
            return "EF";
        }
        if (dscp == VOICE_ADMIT) {
            return "VA";
        }
        int group = dscp >>> 3;
        int rest = dscp & 7;
        if (rest == 0) {
            return "CS" + group;
        }
        boolean isAssured = group >= 1 && group <= 4 && rest <= 6 && (rest & 1) == 0;
        return isAssured ? "AF" + group + rest / 2 : "";
    }
}
