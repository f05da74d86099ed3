/**
 * A Dropbox on localhost for tests: {@link fakedropbox.junit.FakeDropboxTest} on a class gives each
 * of its tests a {@link fakedropbox.junit.FakeDropbox}, an account of its own.
 *
 * <p>Nothing takes or returns null, unless it is marked.
 */
@NullMarked
package fakedropbox.junit;

import org.jspecify.annotations.NullMarked;
