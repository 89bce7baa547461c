package io.culvert.endtoend.load;

import io.culvert.endtoend.contender.Way;
import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.CommandFailure;
import java.time.Duration;

/** As much TCP as goes through, from the left host to the right one. */
public interface TcpLoad {
    /** The usual program for it when the machine has it, otherwise our own sender. */
    static TcpLoad ofThisMachine() {
        return Command.exists("iperf3") ? new Iperf3() : new TcpStreams();
    }

    /** What the report calls it. */
    String name();

    /**
     * Sends for a time.
     *
     * @throws CommandFailure when nothing arrived
     */
    TcpTransfer send(Way way, int streams, Duration duration) throws InterruptedException;
}
