package fakedropbox.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that take a {@link FakeDropbox} as a parameter. It stands on a class, or on a method beside
 * {@code @Test}; what a method says wins over what its class says.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(FakeDropboxExtension.class)
public @interface FakeDropboxTest {
    /** Bytes that the account may hold; -1 leaves it as it is. */
    long quota() default -1;

    /** Limits the token to these scopes, such as {@code "files.content.read"}. */
    String[] scopes() default {};

    /** Answers every call with that 403, such as {@code "team_access_denied"}. */
    String denied() default "";

    /** Answers open questions otherwise, as in {@code "failed_commit=frees"}. */
    String[] assume() default {};

    /** The year whose spelling the answers have, such as {@code "2025"}. */
    String dialect() default "";

    /** Lets a test pass although a link was requested and never used. */
    boolean unusedLinks() default false;

    /** Lets a test pass although a fault never fired. */
    boolean unfiredFaults() default false;
}
