package fakedropbox.junit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** Gives each test its account, and looks at its end for what was asked for and never met. */
final class FakeDropboxExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace OURS = Namespace.create(FakeDropboxExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == FakeDropbox.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (context.getTestMethod().isEmpty()) {
            throw new ParameterResolutionException("A FakeDropbox is the account of one test: take it as a parameter of a"
                    + " test, @BeforeEach or @AfterEach method; Server.shared().account(\"name\") gives one for a class.");
        }
        try {
            Given given = context.getStore(OURS).get(context.getUniqueId(), Given.class);
            if (given == null) {
                // Not computed by the store, which would keep a failure and tell it a second time.
                given = give(context);
                context.getStore(OURS).put(context.getUniqueId(), given);
            }
            return given.account;
        } catch (FakeDropboxException error) {
            // As it is: the sentence is all that helps, and a cause would bury it.
            throw new ParameterResolutionException(String.valueOf(error.getMessage()));
        }
    }

    private static Given give(ExtensionContext context) {
        Settings settings = new Settings();
        Deque<FakeDropboxTest> said = new ArrayDeque<>();
        for (Optional<ExtensionContext> at = Optional.of(context); at.isPresent(); at = at.get().getParent()) {
            at.get().getElement().map(element -> element.getAnnotation(FakeDropboxTest.class)).ifPresent(one -> {
                // The context of an invocation and that of its method name the same one.
                if (!one.equals(said.peekFirst())) {
                    said.addFirst(one);
                }
            });
        }
        said.forEach(settings::add);
        String method = context.getRequiredTestMethod().getName();
        String display = context.getDisplayName();
        String name = context.getRequiredTestClass().getSimpleName() + "." + method
                + (display.startsWith(method) ? "" : " " + display);
        context.getRoot().getStore(OURS).getOrComputeIfAbsent(Epilogue.class, key -> new Epilogue(), Epilogue.class);
        return new Given(FakeDropbox.create(Server.shared(), name, settings), settings);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Given given = context.getStore(OURS).get(context.getUniqueId(), Given.class);
        if (given == null) {
            return;
        }
        Throwable failure = context.getExecutionException().orElse(null);
        if (failure instanceof TestAbortedException) {
            return;
        }
        AssertionFailedError leftOver = failure == null ? leftOver(given) : null;
        Throwable told = failure == null ? leftOver : failure;
        if (told != null) {
            String requests = requests(given);
            context.publishReportEntry("fake-dropbox requests", requests);
            told.addSuppressed(new Requests(requests));
        }
        if (leftOver != null) {
            throw leftOver;
        }
    }

    private static @Nullable AssertionFailedError leftOver(Given given) {
        List<String> lines = new ArrayList<>();
        try {
            for (Link link : given.account.links()) {
                if ("unused".equals(link.failure()) && !link.expected()) {
                    lines.add("A link was requested and never used: " + link.path()
                            + ". If this is meant, say @FakeDropboxTest(unusedLinks = true) or expectLinks(\"unused\").");
                }
            }
            if (!given.settings.unfiredFaults) {
                for (String fault : given.account.unfiredFaults()) {
                    lines.add("A fault never fired: " + fault
                            + ". If this is meant, say @FakeDropboxTest(unfiredFaults = true).");
                }
            }
        } catch (FakeDropboxException error) {
            lines.add("Whether every link and fault was used cannot be told: " + error.getMessage());
        }
        return lines.isEmpty() ? null : new AssertionFailedError(String.join("\n", lines));
    }

    private static String requests(Given given) {
        try {
            String requests = given.account.lastRequests();
            return requests.isEmpty() ? "none came" : requests;
        } catch (FakeDropboxException error) {
            return String.valueOf(error.getMessage());
        }
    }

    private static final class Given {
        final FakeDropbox account;
        final Settings settings;

        Given(FakeDropbox account, Settings settings) {
            this.account = account;
            this.settings = settings;
        }
    }

    /** Stands below a failure, so that every report that shows the failure shows the requests. */
    private static final class Requests extends RuntimeException {
        private static final long serialVersionUID = 1;

        Requests(String requests) {
            super("The last requests of this test's account:\n" + requests, null, false, false);
        }

        @Override
        public String toString() {
            return String.valueOf(getMessage());
        }
    }

    /** Tells at the end of the run what was asked for and is not faked. JUnit before 5.13 closes no AutoCloseable. */
    @SuppressWarnings("deprecation")
    private static final class Epilogue implements ExtensionContext.Store.CloseableResource, AutoCloseable {
        @Override
        public void close() {
            Server server = Server.sharedIfAny();
            try {
                if (server != null && !server.notFaked().isEmpty()) {
                    System.err.println("fake-dropbox: routes that are not faked were asked for (answered 501, nothing was"
                            + " done): " + String.join(", ", server.notFaked()));
                }
            } catch (FakeDropboxException error) {
                // If it died in the middle, the tests that needed it have said so.
            }
        }
    }
}
