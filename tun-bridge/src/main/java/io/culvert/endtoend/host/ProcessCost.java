package io.culvert.endtoend.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What programs have cost so far, read from {@code /proc}.
 *
 * @param cpuSeconds processor time of all, in user and kernel mode
 * @param peakMemoryBytes the most that was resident, added up
 */
public record ProcessCost(double cpuSeconds, long peakMemoryBytes) {
    /** USER_HZ: 100 on every architecture that we run on, whatever the kernel's own tick. */
    private static final double TICKS_PER_SECOND = 100;

    // proc(5), counted from the field behind the command's name, which may hold anything
    private static final int STAT_USER_TICKS = 11;
    private static final int STAT_KERNEL_TICKS = 12;

    /** The cost of programs and of what they have started. */
    public static ProcessCost of(List<EndpointProcess> endpoints) {
        double cpuSeconds = 0;
        long memoryBytes = 0;
        for (EndpointProcess endpoint : endpoints) {
            for (ProcessHandle process : endpoint.family()) {
                Path directory = Path.of("/proc", Long.toString(process.pid()));
                cpuSeconds += cpuSeconds(read(directory.resolve("stat")));
                memoryBytes += peakMemoryBytes(read(directory.resolve("status")));
            }
        }
        return new ProcessCost(cpuSeconds, memoryBytes);
    }

    /** Seconds that all processors of the machine were busy since it started. */
    public static double machineCpuSeconds() {
        String[] fields = read(Path.of("/proc/stat")).lines().findFirst().orElse("").split(" +");
        // user, nice, system, then idle and iowait, then irq and softirq
        double ticks = 0;
        for (int field : new int[] {1, 2, 3, 6, 7}) {
            ticks += fields.length > field ? Long.parseLong(fields[field]) : 0;
        }
        return ticks / TICKS_PER_SECOND;
    }

    static double cpuSeconds(String stat) {
        if (stat.isEmpty()) {
            return 0; // it has ended
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[STAT_USER_TICKS]) + Long.parseLong(fields[STAT_KERNEL_TICKS]))
                / TICKS_PER_SECOND;
    }

    static long peakMemoryBytes(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
