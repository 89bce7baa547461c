package io.culvert.cli;

import io.culvert.capture.LiveCapture;
import io.culvert.dissect.Words;
import io.culvert.survey.SeenTunnel;
import io.culvert.survey.SequenceGaps;
import io.culvert.survey.TunnelId;
import io.culvert.survey.TunnelSurvey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The tunnels of a capture as a table, a row a direction, and below it what is odd about them.
 *
 * <p>The text is ASCII, and nothing in it comes from a packet but numbers and addresses.
 */
final class SurveyText {
    private static final String GAP = "  ";
    private static final int TEXT_COLUMNS = 4;
    private static final int MOST_ONE_WAY = 5;
    private static final List<String> HEAD =
            List.of(
                    "TUNNEL", "KIND", "OPTIONS", "INSIDE", "PACKETS", "BYTES", "PKT/S", "BIT/S",
                    "LARGEST", "MISSING", "BAD", "FIRST", "LAST");

    private SurveyText() {}

    /** All of it, with the rates from the first packet to the last. */
    static String of(
            TunnelSurvey survey,
            Optional<LiveCapture.Statistics> kernel,
            Map<Integer, Long> unreadable) {
        StringBuilder text = new StringBuilder();
        List<SeenTunnel> tunnels = survey.tunnels();
        table(tunnels, Rate::average).forEach(line -> text.append(line).append('\n'));
        notes(tunnels).forEach(line -> text.append(line).append('\n'));
        summary(survey, kernel, unreadable).forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    /** The head and a line for each; empty without tunnels. */
    static List<String> table(List<SeenTunnel> tunnels, Function<SeenTunnel, Rate> rates) {
        if (tunnels.isEmpty()) {
            return List.of();
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        tunnels.forEach(tunnel -> rows.add(row(tunnel, rates.apply(tunnel))));
        return aligned(rows);
    }

    private static List<String> row(SeenTunnel tunnel, Rate rate) {
        return List.of(
                "  ".repeat(tunnel.id().depth() - 1) + endpoints(tunnel.id()),
                kind(tunnel.id()),
                options(tunnel),
                inside(tunnel),
                Long.toString(tunnel.packets()),
                Long.toString(tunnel.bytes()),
                Rate.text(rate.packets()),
                Rate.text(rate.bits()),
                tunnel.largestInnerBytes() == 0
                        ? "-"
                        : Integer.toString(tunnel.largestInnerBytes()),
                tunnel.withSequence() == 0 ? "-" : Long.toString(tunnel.sequence().missing()),
                Long.toString(tunnel.badOuterChecksums() + tunnel.badTunnelChecksums()),
                EpochTime.ofDay(tunnel.firstNanos()).substring(0, 8),
                EpochTime.ofDay(tunnel.lastNanos()).substring(0, 8));
    }

    static String endpoints(TunnelId id) {
        return id.source() + " > " + id.destination();
    }

    /** All that tells it from others. */
    static String name(TunnelId id) {
        String key = id.key().isPresent() ? " " + id.keyText() : "";
        return endpoints(id) + " " + kind(id) + key;
    }

    /** {@code gre}, or with what stands around it {@code gre fou 5555}. */
    static String kind(TunnelId id) {
        return id.wrapper().isEmpty()
                ? id.kind().label()
                : id.kind().label() + " " + id.wrapper() + " " + id.udpPort();
    }

    /** In the words of {@code ip link}, as far as the packets show them. */
    private static String options(SeenTunnel tunnel) {
        List<String> words = new ArrayList<>();
        if (tunnel.id().key().isPresent()) {
            words.add(tunnel.id().keyText());
        }
        if (tunnel.withChecksum() > 0) {
            words.add(part("csum", tunnel.withChecksum(), tunnel.packets()));
        }
        if (tunnel.withSequence() > 0) {
            words.add(part("seq", tunnel.withSequence(), tunnel.packets()));
        }
        words.add("ttl " + tunnel.ttl());
        if (tunnel.trafficClass().most() > 0) {
            words.add("tos " + hexadecimal(tunnel));
        }
        if (!tunnel.encapsulationLimit().isEmpty()) {
            words.add("encaplimit " + tunnel.encapsulationLimit());
        }
        if (tunnel.dontFragment() > 0) {
            boolean isAlways = tunnel.dontFragment() >= tunnel.packets();
            words.add(isAlways ? "df" : "df on some");
        }
        return String.join(" ", words);
    }

    private static String part(String word, long some, long all) {
        return some == all ? word : word + " on some";
    }

    private static String hexadecimal(SeenTunnel tunnel) {
        long least = tunnel.trafficClass().least();
        long most = tunnel.trafficClass().most();
        return least == most ? "0x%02x".formatted(most) : "0x%02x-0x%02x".formatted(least, most);
    }

    private static String inside(SeenTunnel tunnel) {
        return String.join(",", tunnel.inside().keySet().stream().sorted().toList());
    }

    private static List<String> aligned(List<List<String>> rows) {
        int[] widths = new int[HEAD.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            String padding = " ".repeat(widths[column] - cell.length());
            line.append(column == 0 ? "" : GAP);
            line.append(column < TEXT_COLUMNS ? cell + padding : padding + cell);
        }
        return line.toString().stripTrailing();
    }

    private static List<String> notes(List<SeenTunnel> tunnels) {
        List<String> notes = new ArrayList<>();
        for (SeenTunnel tunnel : tunnels) {
            List<String> odd = odd(tunnel);
            if (!odd.isEmpty()) {
                notes.add(name(tunnel.id()) + ": " + String.join(", ", odd));
            }
        }
        List<String> oneWay =
                tunnels.stream()
                        .filter(one -> isOneWay(one, tunnels))
                        .map(one -> name(one.id()))
                        .distinct()
                        .toList();
        if (!oneWay.isEmpty()) {
            String more =
                    oneWay.size() > MOST_ONE_WAY
                            ? " and " + (oneWay.size() - MOST_ONE_WAY) + " more"
                            : "";
            List<String> named = oneWay.subList(0, Math.min(MOST_ONE_WAY, oneWay.size()));
            notes.add("nothing came the other way: " + String.join(", ", named) + more);
        }
        if (!notes.isEmpty()) {
            notes.add(0, "");
        }
        return notes;
    }

    private static boolean isOneWay(SeenTunnel one, List<SeenTunnel> all) {
        return one.id().depth() == 1
                && all.stream().noneMatch(other -> other.id().isReverseOf(one.id()));
    }

    private static List<String> odd(SeenTunnel tunnel) {
        List<String> odd = new ArrayList<>();
        SequenceGaps sequence = tunnel.sequence();
        add(odd, sequence.missing(), "sequence number missing", "sequence numbers missing");
        add(odd, sequence.late(), "packet late", "packets late");
        add(odd, sequence.repeated(), "packet repeated", "packets repeated");
        add(
                odd,
                sequence.restarts(),
                "new beginning of the sequence",
                "new beginnings of the sequence");
        add(odd, tunnel.badTunnelChecksums(), "wrong checksum", "wrong checksums");
        add(
                odd,
                tunnel.badOuterChecksums(),
                "wrong checksum of the outer header",
                "wrong checksums of outer headers");
        add(
                odd,
                tunnel.joined(),
                "packet joined by the capturing host",
                "packets joined by the capturing host");
        add(odd, tunnel.fragments(), "outer fragment", "outer fragments");
        add(
                odd,
                tunnel.otherVersions(),
                "packet with IPv6 where IPv4 was announced, or the other way around",
                "packets with IPv6 where IPv4 was announced, or the other way around");
        add(odd, tunnel.keepalives(), "keepalive", "keepalives");
        return odd;
    }

    private static void add(List<String> odd, long count, String one, String many) {
        if (count > 0) {
            odd.add(count + " " + (count == 1 ? one : many));
        }
    }

    /** What was seen altogether, and what was not. */
    static List<String> summary(
            TunnelSurvey survey,
            Optional<LiveCapture.Statistics> kernel,
            Map<Integer, Long> unreadable) {
        List<String> lines = new ArrayList<>();
        int tunnels = survey.tunnels().size();
        lines.add("");
        lines.add(
                "%s, %d of them tunnelled, in %s"
                        .formatted(
                                Words.count(survey.packets(), "packet"),
                                survey.tunnelled(),
                                Words.count(tunnels, "direction") + " of tunnels"));
        if (survey.beyondMost() > 0) {
            lines.add(
                    "%s of further tunnels, which are not in the table: it ends at %d (--tunnels)"
                            .formatted(
                                    Words.count(survey.beyondMost(), "packet"),
                                    survey.mostTunnels()));
        }
        if (survey.strayFragments() > 0) {
            lines.add(
                    Words.count(survey.strayFragments(), "fragment")
                            + " of tunnel packets whose beginning was not seen");
        }
        if (survey.cutShort() > 0) {
            lines.add(
                    Words.count(survey.cutShort(), "packet")
                            + " cut short by the capture before the tunnel is told");
        }
        unreadable.forEach(
                (linkType, packets) ->
                        lines.add(
                                "%s of link type %d passed over: it carries no IP"
                                        .formatted(Words.count(packets, "packet"), linkType)));
        kernel.ifPresent(counts -> lines.add(kernel(counts)));
        return lines;
    }

    private static String kernel(LiveCapture.Statistics counts) {
        String line = Words.count(counts.dropped(), "packet") + " dropped by the kernel";
        if (counts.droppedByInterface() > 0) {
            line += ", " + counts.droppedByInterface() + " by the interface";
        }
        return counts.dropped() == 0
                ? line
                : line + ": it was more than can be looked at; a filter helps";
    }
}
