package io.culvert.cli;

import io.culvert.capture.CaptureFile;
import io.culvert.capture.CaptureOutput;
import io.culvert.control.WordsException;
import io.culvert.convert.Encapsulation;
import io.culvert.spec.TunnelSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert encap}: a capture as a tunnel would put it on the wire. */
@Command(name = "encap")
final class EncapCommand implements Callable<Integer> {
    private static final int LEAST_MTU = 128;
    private static final int MOST_MTU = 65_535;

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = "--underlay-mtu", paramLabel = "number of bytes")
    private int underlayMtu = 1500;

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        boolean isPageWanted = isHelpWanted || words.equals(List.of("help"));
        return ConversionRun.call(command.commandLine(), isPageWanted, this::encapsulate);
    }

    private int encapsulate() throws IOException {
        if (words.size() < 3) {
            throw new WordsException(
                    "encap needs two files and a tunnel: culvert encap IN OUT mode gre remote ADDR"
                            + " local ADDR (see culvert encap --help)");
        }
        if (underlayMtu < LEAST_MTU || underlayMtu > MOST_MTU) {
            throw new WordsException("\"--underlay-mtu\" takes 128 to 65535 bytes");
        }
        TunnelSpec spec = FileTunnel.parse(words.subList(2, words.size()));
        if (spec.local() == null) {
            throw new WordsException(
                    "encap needs our outer address, since there is no route to ask: \"local ADDR\"");
        }
        try (CaptureFile input = ConversionRun.open(words.get(0), words.get(1));
                CaptureOutput output = CaptureOutput.open(words.get(1))) {
            Encapsulation sending = new Encapsulation(spec, underlayMtu, output);
            String damage = ConversionRun.run(input, sending::take);
            report(sending);
            output.replacement()
                    .ifPresent(told -> Complaint.print(command.commandLine().getErr(), told));
            return ConversionRun.end(command.commandLine(), damage);
        }
    }

    private void report(Encapsulation sending) {
        boolean isToStandardOutput = words.get(1).equals(CaptureFile.STANDARD_INPUT);
        var line = command.commandLine();
        PrintWriter out = isToStandardOutput ? line.getErr() : line.getOut();
        Report report =
                new Report(out)
                        .always(sending.frames(), "packet", " read")
                        .always(sending.encapsulated(), "encapsulated")
                        .line(sending.inFragments(), "of them in fragments")
                        .line(sending.notIp(), "without IP, left out")
                        .line(sending.cutShort(), "cut short by the capture, left out");
        sending.drops()
                .forEach(
                        (reason, count) ->
                                report.line(
                                        count,
                                        "dropped " + reason.label() + ": " + reason.description()));
        report.end();
    }
}
