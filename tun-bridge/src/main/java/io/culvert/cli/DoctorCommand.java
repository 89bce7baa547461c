package io.culvert.cli;

import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelWords;
import io.culvert.control.WordsException;
import io.culvert.doctor.Diagnosis;
import io.culvert.doctor.DiagnosisJson;
import io.culvert.doctor.DiagnosisText;
import io.culvert.doctor.Doctor;
import io.culvert.doctor.LiveHost;
import io.culvert.doctor.Patient;
import io.culvert.linux.LinuxException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert doctor}: says why a tunnel does not work, and what mends it. */
@Command(name = "doctor")
final class DoctorCommand implements Callable<Integer> {
    private static final String NAMELESS = "culvert0";

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = {"-v", "--verbose"})
    private boolean isVerbose;

    @Option(names = {"--json"})
    private boolean isJsonWanted;

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        if (isHelpWanted || (!words.isEmpty() && words.get(0).equals("help"))) {
            Manual.print(out, "doctor");
            return ExitStatus.OK;
        }
        try (LiveHost host = new LiveHost()) {
            Patient patient = new Patient(host, tunnel());
            Diagnosis diagnosis = Doctor.examine(patient);
            out.print(
                    isJsonWanted
                            ? DiagnosisJson.of(diagnosis)
                            : DiagnosisText.of(diagnosis, isVerbose));
            out.flush();
            return ExitStatus.of(diagnosis.worst());
        } catch (WordsException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        } catch (LinuxException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.UNAVAILABLE;
        }
    }

    /** The tunnel that the words describe; {@code null} without words. */
    private TunnelConfig tunnel() {
        if (words.isEmpty()) {
            return null;
        }
        if (words.size() == 1) {
            throw new WordsException(
                    "say more of \""
                            + words.get(0)
                            + "\": culvert doctor NAME mode gre|ipip|sit remote ADDR ..., in the"
                            + " words of culvert run");
        }
        boolean isNameless = words.get(0).equals("mode") || words.get(0).equals("type");
        List<String> named = new ArrayList<>();
        if (isNameless) {
            named.add(NAMELESS);
        }
        named.addAll(words);
        return TunnelWords.parse(named);
    }
}
