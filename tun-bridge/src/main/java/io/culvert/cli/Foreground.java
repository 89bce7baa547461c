package io.culvert.cli;

import io.culvert.attach.ControlSocket;
import io.culvert.attach.RuntimeDirectory;
import io.culvert.channel.LaneOptions;
import io.culvert.control.OtherProcesses;
import io.culvert.control.RunningTunnels;
import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelException;
import io.culvert.linux.LinuxException;
import java.io.PrintWriter;
import java.util.List;

/**
 * Runs tunnels in the foreground until a signal or a failure ends them. Whatever ends them, the
 * summary is printed once they are closed.
 */
final class Foreground {
    private final PrintWriter out;
    private final PrintWriter err;
    private final RuntimeDirectory controlSocket;
    private final RuntimeDirectory others;
    private final EndingSignals asked = new EndingSignals();
    private RunningTunnels tunnels;
    private boolean isEnding;

    /**
     * @param controlSocket where to make it, once the tunnels are up
     * @param others where to look for other processes' sockets before that
     */
    Foreground(
            PrintWriter out,
            PrintWriter err,
            RuntimeDirectory controlSocket,
            RuntimeDirectory others) {
        this.out = out;
        this.err = err;
        this.controlSocket = controlSocket;
        this.others = others;
    }

    /** Opens the tunnels and stays until they end; the exit status. */
    int run(RunningTunnels.Opener opener, List<TunnelConfig> configs, LaneOptions options) {
        try (Signals signals = new Signals()) {
            // First of all: until it has an action, SIGUSR1 kills the process.
            on(signals, "USR1", this::printSummary);
            EndingSignals.NUMBERS.forEach((name, number) -> on(signals, name, () -> end(number)));
            return open(opener, configs, options);
        }
    }

    private int open(
            RunningTunnels.Opener opener, List<TunnelConfig> configs, LaneOptions options) {
        try {
            stay(opener.open(OtherProcesses.withoutTheirs(others, configs), options));
            return ExitStatus.OK;
        } catch (TunnelException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.of(e.kind());
        } catch (LinuxException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.of(e);
        }
    }

    private void stay(RunningTunnels opened) throws TunnelException {
        try {
            announce(opened);
            carry(opened);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            opened.close();
            printSummary();
        }
    }

    private void carry(RunningTunnels opened) throws TunnelException, InterruptedException {
        if (controlSocket.isNone()) {
            opened.awaitEnd();
            return;
        }
        ControlSocket socket = ControlSocket.start(controlSocket, opened::verbs);
        try {
            opened.awaitEnd();
        } finally {
            socket.close();
        }
    }

    private void announce(RunningTunnels opened) {
        boolean mustEnd;
        synchronized (this) {
            tunnels = opened;
            mustEnd = isEnding;
        }
        if (mustEnd) { // a signal came while they were being opened
            opened.close();
            return;
        }
        opened.upLines().forEach(out::println);
        out.flush();
    }

    private void printSummary() {
        RunningTunnels opened;
        synchronized (this) {
            opened = tunnels;
        }
        if (opened == null) {
            return;
        }
        // Not under our own lock: tunnels that are slow to answer must not hold up an end.
        synchronized (out) {
            out.print(SummaryText.of(opened.summary()));
            out.flush();
        }
    }

    /** Ends the tunnels; when asked again later the process, in case the first one got stuck. */
    private void end(int signalNumber) {
        if (asked.next(System.nanoTime()) == EndingSignals.Meaning.END_AT_ONCE) {
            Runtime.getRuntime().halt(128 + signalNumber);
        }
        RunningTunnels opened;
        synchronized (this) {
            isEnding = true;
            opened = tunnels;
        }
        if (opened != null) {
            opened.close();
        }
    }

    private void on(Signals signals, String name, Runnable action) {
        if (!signals.on(name, action)) {
            Complaint.print(err, "this Java cannot catch SIG" + name + " (is it run with -Xrs?)");
        }
    }
}
