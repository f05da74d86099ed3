package fakedropbox.junit;

import com.dropbox.core.DbxRequestConfig;
import com.dropbox.core.http.StandardHttpRequestor;
import java.io.IOException;
import java.net.HttpURLConnection;

/** The official SDK on plain HTTP. It is apart so that nobody needs the SDK who does not use it. */
final class Sdk {
    private Sdk() {}

    static DbxRequestConfig config(FakeDropbox dropbox, String clientIdentifier) {
        return DbxRequestConfig.newBuilder(clientIdentifier).withHttpRequestor(new ToTheFake(dropbox)).build();
    }

    private static final class ToTheFake extends StandardHttpRequestor {
        private final FakeDropbox dropbox;

        ToTheFake(FakeDropbox dropbox) {
            super(Config.DEFAULT_INSTANCE);
            this.dropbox = dropbox;
        }

        @Override
        protected HttpURLConnection prepRequest(String url, Iterable<Header> headers, boolean streaming) throws IOException {
            return super.prepRequest(dropbox.local(url), headers, streaming);
        }
    }
}
