package io.culvert.run;

import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The questions that tests ask with ping(8). */
final class Pinging {
    private Pinging() {}

    /** Whether one echo request is answered; waits for the answer no longer than a second. */
    static boolean answers(NetworkNamespace from, String address, String... options) {
        return ping(
                        from,
                        address,
                        Stream.concat(Stream.of("-c", "1", "-W", "1"), Stream.of(options)))
                .succeeded();
    }

    /** What ping writes, errors included; five requests a second. */
    static String output(NetworkNamespace from, String address, int count, String... options) {
        Outcome outcome =
                ping(
                        from,
                        address,
                        Stream.concat(
                                Stream.of("-c", "" + count, "-i", "0.1", "-W", "0.3"),
                                Stream.of(options)));
        return outcome.stdout() + outcome.stderr();
    }

    private static Outcome ping(NetworkNamespace from, String address, Stream<String> options) {
        List<String> command = new ArrayList<>(List.of("ping", "-n"));
        options.forEach(command::add);
        command.add(address);
        return from.attempt(command.toArray(String[]::new));
    }
}
