package io.culvert.attach;

import java.io.IOException;

/**
 * Answers requests of one verb.
 *
 * <p>Called by the thread of the client's connection, several clients at a time. It may take as
 * long as it likes, as long as no lane waits for it.
 */
@FunctionalInterface
public interface RequestHandler {
    /**
     * Answers by one call of {@link Response#answer}, or by a stream.
     *
     * @throws RequestException when the request is wrong; before the answer has begun
     * @throws IOException from {@code response}, to be passed on: the client is gone or too slow
     */
    void handle(Request request, Response response) throws IOException, RequestException;
}
