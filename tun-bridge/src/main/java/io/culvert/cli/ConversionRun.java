package io.culvert.cli;

import io.culvert.capture.CaptureFile;
import io.culvert.control.WordsException;
import io.culvert.observe.CapturedPacket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine;

/** Goes through the packets of a file until its end or a signal. */
final class ConversionRun {
    private ConversionRun() {}

    /** What is done with each packet. */
    @FunctionalInterface
    interface Step {
        void take(CapturedPacket packet, int linkType) throws IOException;
    }

    /** What a command does that was not asked for its page. */
    @FunctionalInterface
    interface Body {
        /**
         * @return the exit status
         */
        int run() throws IOException;
    }

    /** Runs a command, or shows its page; what is wrong with its words or files is one line. */
    static int call(CommandLine line, boolean isHelpWanted, Body body) {
        if (isHelpWanted) {
            Manual.print(line.getOut(), line.getCommandName());
            return ExitStatus.OK;
        }
        try {
            return body.run();
        } catch (WordsException e) {
            Complaint.print(line.getErr(), e.getMessage());
            return ExitStatus.USAGE;
        } catch (IOException e) {
            line.getOut().flush();
            Complaint.print(line.getErr(), e.getMessage());
            return ExitStatus.NO_INPUT;
        }
    }

    /** Says how the input was damaged, if it was; returns the exit status. */
    static int end(CommandLine line, String damage) {
        if (damage == null) {
            return ExitStatus.OK;
        }
        Complaint.print(line.getErr(), damage);
        return ExitStatus.FAILED;
    }

    /**
     * Opens the input, before the output is begun.
     *
     * @param output where the result goes, so that it is not the same file
     */
    static CaptureFile open(String input, String output) throws IOException {
        if (isSameFile(input, output)) {
            throw new WordsException(
                    "\"" + output + "\" is the input, and would be gone before it is read");
        }
        return CaptureFile.open(input);
    }

    private static boolean isSameFile(String input, String output) {
        try {
            return !input.equals(CaptureFile.STANDARD_INPUT)
                    && !output.equals(CaptureFile.STANDARD_INPUT)
                    && Files.isSameFile(Path.of(input), Path.of(output));
        } catch (IOException | InvalidPathException e) {
            return false; // one of them is not there, which is for others to say
        }
    }

    /**
     * The packets in order.
     *
     * @return a sentence about the file's damage; null when there is none
     */
    static String run(CaptureFile file, Step step) throws IOException {
        try (Stop stop = new Stop()) {
            CapturedPacket packet = file.next();
            while (packet != null && !stop.isAsked()) {
                step.take(packet, file.linkType(packet));
                packet = file.next();
            }
            return file.damage().orElse(null);
        }
    }
}
