package io.culvert.testing;

import java.util.stream.LongStream;

/**
 * The seeds of randomised tests: {@code @ParameterizedTest(name = "seed {0}")} with
 * {@code @MethodSource(Seeds.EACH)} puts the seed into the name of what failed.
 */
public final class Seeds {
    public static final String EACH = "io.culvert.testing.Seeds#each";

    private Seeds() {}

    /** A few fixed seeds, or the one of {@code -Dculvert.seed=N}. */
    public static LongStream each() {
        Long chosen = Long.getLong("culvert.seed");
        return chosen != null ? LongStream.of(chosen) : LongStream.of(1, 2003, 2784, 2890, 4213);
    }
}
