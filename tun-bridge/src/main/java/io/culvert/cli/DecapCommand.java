package io.culvert.cli;

import io.culvert.capture.CaptureFile;
import io.culvert.capture.CaptureOutput;
import io.culvert.control.WordsException;
import io.culvert.convert.Decapsulation;
import io.culvert.convert.InnerFiles;
import io.culvert.dissect.Dissector;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert decap}: a capture without the tunnels' headers. */
@Command(name = "decap")
final class DecapCommand implements Callable<Integer> {
    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = "--split", paramLabel = "directory")
    private String directory;

    @Option(names = "--depth", paramLabel = "number of tunnels")
    private int depth = Integer.MAX_VALUE;

    @Option(names = "--keep")
    private boolean keepsOthers;

    @Option(names = "--udp", paramLabel = "list of ports", split = ",")
    private List<String> udpPorts = List.of();

    @Parameters(arity = "0..*", paramLabel = "FILE")
    private List<String> files = List.of();

    @Override
    public Integer call() {
        boolean isPageWanted = isHelpWanted || files.equals(List.of("help"));
        return ConversionRun.call(command.commandLine(), isPageWanted, this::strip);
    }

    private int strip() throws IOException {
        int wanted = directory == null ? 2 : 1;
        if (files.size() != wanted) {
            throw new WordsException(
                    "decap needs two files, or one and a directory: culvert decap IN OUT, or"
                            + " culvert decap IN --split DIR (see culvert decap --help)");
        }
        if (depth < 1) {
            throw new WordsException("\"--depth\" takes 1 or more tunnels");
        }
        Dissector dissector = new Dissector(CaptureCommand.udpPayloads(udpPorts));
        String output = directory == null ? files.get(1) : directory;
        try (CaptureFile input = ConversionRun.open(files.get(0), output);
                InnerFiles inner = open()) {
            Decapsulation stripping = new Decapsulation(dissector, depth, keepsOthers, inner);
            String damage;
            try {
                damage = ConversionRun.run(input, stripping::take);
            } catch (CaptureOutput.WriteFailure e) {
                report(stripping, inner);
                throw e;
            }
            report(stripping, inner);
            return ConversionRun.end(command.commandLine(), damage);
        }
    }

    private InnerFiles open() throws IOException {
        if (directory == null) {
            return InnerFiles.single(files.get(1));
        }
        try {
            boolean isFile = !files.get(0).equals(CaptureFile.STANDARD_INPUT);
            return InnerFiles.split(Path.of(directory), isFile ? Path.of(files.get(0)) : null);
        } catch (InvalidPathException e) {
            throw new WordsException("\"--split\": " + e.getMessage());
        }
    }

    /** A tunnel's packets in which there is nothing to write. */
    private static String withoutPacket(String what, long count) {
        boolean isKeepalive = what.equals(Decapsulation.KEEPALIVES);
        return isKeepalive
                ? (count == 1 ? "keepalive" : "keepalives") + ", left out"
                : what + ", without a packet inside, left out";
    }

    private void report(Decapsulation stripping, InnerFiles inner) {
        boolean isToStandardOutput =
                directory == null && files.get(1).equals(CaptureFile.STANDARD_INPUT);
        var line = command.commandLine();
        PrintWriter out = isToStandardOutput ? line.getErr() : line.getOut();
        Report report =
                new Report(out)
                        .always(stripping.frames(), "packet", " read")
                        .always(stripping.stripped(), "taken out of tunnels")
                        .line(
                                stripping.otherVersions(),
                                "of them IPv6 where IPv4 was announced, or IPv4 where IPv6 was")
                        .always(inner.tunnels(), "direction", " of tunnels");
        stripping
                .withoutPacket()
                .forEach((what, count) -> report.line(count, withoutPacket(what, count)));
        report.line(stripping.cutShort(), "cut short by the capture, left out")
                .line(
                        stripping.notTunnelled(),
                        keepsOthers ? "not tunnelled, kept" : "not tunnelled, left out (--keep)")
                .line(stripping.notIp(), "without IP, left out")
                .line(stripping.incomplete(), "of which fragments are missing, left out")
                .line(inner.beyondMost(), "of further tunnels, left out: there are too many")
                .end();
        inner.remarks().forEach(remark -> Complaint.print(line.getErr(), remark));
        if (inner.isMixed()) {
            Complaint.print(
                    line.getErr(),
                    "the packets are Ethernet and raw IP, which Wireshark reads in one pcapng file"
                            + " and tcpdump does not; --split keeps them apart");
        }
    }
}
