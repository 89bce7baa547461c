package io.culvert.cli;

import io.culvert.attach.AttachClient;
import io.culvert.attach.AttachException;
import io.culvert.attach.RunningCulvert;
import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelWords;
import io.culvert.control.WordsException;
import io.culvert.doctor.Diagnosis;
import io.culvert.doctor.DiagnosisJson;
import io.culvert.doctor.DiagnosisText;
import io.culvert.doctor.Doctor;
import io.culvert.doctor.LiveHost;
import io.culvert.doctor.Patient;
import io.culvert.doctor.ServedTunnel;
import io.culvert.linux.LinuxException;
import io.culvert.packet.DropReason;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = {"-v", "--verbose"})
    private boolean isVerbose;

    @Option(names = {"--json"})
    private boolean isJsonWanted;

    @Option(
            names = {"--control"},
            paramLabel = "directory")
    private String control;

    @Option(
            names = {"--pid"},
            paramLabel = "PID")
    private Long pid;

    @Option(
            names = {"--probe"},
            paramLabel = "SECONDS")
    private double probeSeconds = 4;

    @Option(
            names = {"--ping"},
            paramLabel = "address")
    private String innerPeer;

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    private RunningTunnel running;

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        if (isHelpWanted || (!words.isEmpty() && words.get(0).equals("help"))) {
            Manual.print(out, "doctor");
            return ExitStatus.OK;
        }
        try (LiveHost host = new LiveHost()) {
            TunnelConfig tunnel = tunnel();
            boolean passesHostIpBy = running != null && running.passesHostIpBy();
            Patient patient = new Patient(host, tunnel, passesHostIpBy, served());
            Diagnosis diagnosis = Doctor.examine(patient, probe(), innerPeer(), this::drops);
            out.print(
                    isJsonWanted
                            ? DiagnosisJson.of(diagnosis)
                            : DiagnosisText.of(diagnosis, isVerbose));
            out.flush();
            return ExitStatus.of(diagnosis.worst());
        } catch (AttachException e) {
            Complaint.print(err, e.getMessage());
            return e.kind() == AttachException.Kind.NO_PERMISSION
                    ? ExitStatus.NO_PERMISSION
                    : ExitStatus.UNAVAILABLE;
        } catch (IllegalArgumentException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        } catch (LinuxException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.UNAVAILABLE;
        }
    }

    /** The address to ping through the tunnel; {@code null} when it is to be derived. */
    private InetAddress innerPeer() {
        if (innerPeer == null) {
            return null;
        }
        if (!innerPeer.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            throw new WordsException("\"--ping\" takes an address, not \"" + innerPeer + "\"");
        }
        try {
            return InetAddress.getByName(innerPeer);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("\"--ping\": " + e.getMessage(), e);
        }
    }

    /** What processes of Culvert run in this network namespace. */
    private List<ServedTunnel> served() {
        List<ServedTunnel> served = new ArrayList<>();
        AttachClient client = new AttachClient(ControlOptions.directory(control));
        for (RunningCulvert culvert : client.runningWithin(PATIENCE)) {
            if (!culvert.networkNamespace().equals(AttachClient.networkNamespace())) {
                continue;
            }
            for (Map.Entry<String, List<String>> tunnel : culvert.tunnelWords().entrySet()) {
                List<String> companions = new ArrayList<>(culvert.tunnels());
                companions.remove(tunnel.getKey());
                parse(tunnel.getValue())
                        .map(config -> new ServedTunnel(config, culvert.pid(), companions))
                        .ifPresent(served::add);
            }
        }
        return served;
    }

    /** Another version of Culvert may describe a tunnel by words that are not known here. */
    private static Optional<TunnelConfig> parse(List<String> theirWords) {
        try {
            return Optional.of(TunnelWords.parse(theirWords));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Map<DropReason, Long> drops() {
        return running == null ? Map.of() : running.drops();
    }

    private Duration probe() {
        if (!(probeSeconds >= 0 && probeSeconds <= 600)) {
            throw new WordsException("\"--probe\" takes 0 to 600 seconds");
        }
        return Duration.ofMillis(Math.round(probeSeconds * 1_000));
    }

    /** The tunnel that the words describe; {@code null} without words. */
    private TunnelConfig tunnel() throws AttachException {
        if (words.isEmpty()) {
            return null;
        }
        if (words.size() == 1) {
            running = RunningTunnel.find(ControlOptions.directory(control), words.get(0), pid);
            return TunnelWords.parse(running.words());
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
