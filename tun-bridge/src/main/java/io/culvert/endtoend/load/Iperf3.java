package io.culvert.endtoend.load;

import io.culvert.endtoend.contender.Way;
import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Outcome;
import io.culvert.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** iperf3 with its JSON. */
final class Iperf3 implements TcpLoad {
    private static final Duration START = Duration.ofSeconds(10);
    private static final Duration BEYOND_THE_END = Duration.ofSeconds(20);

    @Override
    public String name() {
        return "iperf3";
    }

    @Override
    public TcpTransfer send(Way way, int streams, Duration duration) throws InterruptedException {
        String target = way.target().getHostAddress();
        try (EndpointProcess server =
                way.topology()
                        .right()
                        .start(List.of("iperf3", "-s", "-1", "-B", target, "--forceflush"))) {
            server.awaitLine(0, line -> line.contains("Server listening"), START);
            Outcome client =
                    way.topology()
                            .left()
                            .attempt(
                                    duration.plus(BEYOND_THE_END),
                                    "iperf3",
                                    "-J",
                                    "-c",
                                    target,
                                    "-t",
                                    Long.toString(Math.max(1, duration.toSeconds())),
                                    "-P",
                                    Integer.toString(streams));
            return transfer(client);
        }
    }

    private static TcpTransfer transfer(Outcome client) {
        Map<?, ?> report;
        try {
            report = (Map<?, ?>) Json.readForeign(client.stdout());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("iperf3: " + client.complaint(), e);
        }
        if (report.containsKey("error")) {
            throw new CommandFailure("iperf3: " + report.get("error"));
        }
        return transfer(report);
    }

    /** Reads what {@code iperf3 -J} says of a transfer. */
    static TcpTransfer transfer(Map<?, ?> report) {
        Map<?, ?> end = (Map<?, ?>) report.get("end");
        Map<?, ?> sent = (Map<?, ?>) end.get("sum_sent");
        Map<?, ?> received = (Map<?, ?>) end.get("sum_received");
        Number retransmissions = (Number) sent.get("retransmits");
        TcpTransfer transfer =
                new TcpTransfer(
                        ((Number) received.get("bytes")).longValue(),
                        ((Number) received.get("seconds")).doubleValue(),
                        retransmissions == null ? -1 : retransmissions.longValue());
        if (transfer.bytes() == 0) {
            throw new CommandFailure("iperf3: nothing arrived");
        }
        return transfer;
    }
}
