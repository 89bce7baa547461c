package io.culvert.peers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test that makes network namespaces and TUN devices, and names the programs that it calls.
 *
 * <p>Where the machine lacks a right, {@code /dev/net/tun} or a program, the test is skipped and
 * the reason says what is missing. With {@code CI=true} in the environment the same is a failure,
 * so that a build that is meant to run these tests cannot be green without them. Such tests carry
 * the tag {@code netns}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("netns")
@ExtendWith(NeedsRootCondition.class)
public @interface NeedsRoot {
    /** Programs that must be on the {@code PATH}, besides {@code ip}. */
    String[] programs() default {};
}
