package io.culvert.stats;

import java.util.Locale;

/** Quantities as people read them, always with a unit. */
final class Units {
    private static final String[] RATES = {"b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"};
    private static final String[] TIMES = {"ns", "us", "ms", "s"};

    private Units() {}

    /** Three digits and a unit, for example {@code 1.25 Gb/s}. */
    static String bits(double perSecond) {
        return scaled(perSecond, RATES);
    }

    /** Three digits and a unit, for example {@code 12.5 us}. */
    static String nanos(double nanos) {
        return scaled(nanos, TIMES);
    }

    /** Days, hours, minutes and seconds, for example {@code 3d 1:02:07}. */
    static String uptime(double seconds) {
        long whole = (long) seconds;
        String days = whole >= 86_400 ? whole / 86_400 + "d " : "";
        return String.format(
                Locale.ROOT,
                "%s%d:%02d:%02d",
                days,
                whole / 3600 % 24,
                whole / 60 % 60,
                whole % 60);
    }

    /** Without a fraction where there is none. */
    static String plain(double number) {
        return number == Math.rint(number) ? "" + (long) number : "" + number;
    }

    private static String scaled(double value, String[] units) {
        double scaled = value;
        int unit = 0;
        while (scaled >= 999.5 && unit < units.length - 1) {
            scaled /= 1000;
            unit++;
        }
        int digits = unit == 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f %s", scaled, units[unit]);
    }
}
