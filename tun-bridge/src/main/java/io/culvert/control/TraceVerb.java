package io.culvert.control;

import io.culvert.attach.Request;
import io.culvert.attach.RequestException;
import io.culvert.attach.RequestHandler;
import io.culvert.attach.Response;
import io.culvert.channel.Lane;
import io.culvert.observe.TraceOptions;
import io.culvert.observe.TraceTap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Shows the packets of running tunnels to clients of the control socket, each what it wants. */
public final class TraceVerb implements RequestHandler {
    public static final String VERB = "trace";

    /** Names of tunnels; all of them when there is none. */
    public static final String TUNNELS = "tunnels";

    public static final String SNAP_BYTES = "snap-bytes";
    public static final String SAMPLE_ONE_IN = "sample-one-in";
    public static final String DROPS_ONLY = "drops-only";

    /** A lane does in microseconds what it is asked for, unless its host has stopped. */
    private static final long LANE_PATIENCE_SECONDS = 5;

    private final List<String> tunnels;
    private final List<Lane> lanes;
    private final ConcurrentLinkedQueue<ByteBuffer> idleMemory = new ConcurrentLinkedQueue<>();

    /**
     * @param tunnels names, by index
     */
    TraceVerb(List<String> tunnels, List<Lane> lanes) {
        this.tunnels = List.copyOf(tunnels);
        this.lanes = List.copyOf(lanes);
    }

    @Override
    public void handle(Request request, Response response) throws IOException, RequestException {
        TraceOptions options = options(request);
        List<ByteBuffer> memories = new ArrayList<>();
        List<TraceTap> taps = new ArrayList<>();
        for (Lane lane : lanes) {
            ByteBuffer idle = idleMemory.poll();
            ByteBuffer memory = idle == null ? TraceTap.allocateMemory() : idle;
            long seed = ThreadLocalRandom.current().nextLong();
            memories.add(memory);
            taps.add(new TraceTap(options, lane.index(), seed, memory));
        }
        boolean isDetached = false;
        try {
            TraceFeed feed = new TraceFeed(taps, response);
            try {
                onAllLanes((lane, tap) -> lane.tunnels().trace().attach(tap), taps);
                response.beginRecords(TraceHeader.now(tunnels, lanes.size()).toMap());
                feed.run();
            } finally {
                isDetached = onAllLanes((lane, tap) -> lane.tunnels().trace().detach(tap), taps);
            }
            feed.finish();
        } finally {
            if (isDetached) { // memory that a lane may still write to is left to the collector
                idleMemory.addAll(memories);
            }
        }
    }

    private TraceOptions options(Request request) throws RequestException {
        Set<Integer> watched = new HashSet<>();
        for (String name : request.texts(TUNNELS)) {
            int index = tunnels.indexOf(name);
            if (index < 0) {
                throw new RequestException(
                        "there is no tunnel %s here, only %s"
                                .formatted(name, String.join(", ", tunnels)));
            }
            watched.add(index);
        }
        try {
            return new TraceOptions(
                    toInt(request, SNAP_BYTES, TraceOptions.DEFAULT_SNAP_BYTES),
                    toInt(request, SAMPLE_ONE_IN, 1),
                    request.flag(DROPS_ONLY),
                    watched);
        } catch (IllegalArgumentException e) {
            throw new RequestException(e.getMessage());
        }
    }

    private static int toInt(Request request, String name, int otherwise) throws RequestException {
        return (int) Math.min(Integer.MAX_VALUE, request.number(name, otherwise));
    }

    private interface OnLane {
        void act(Lane lane, TraceTap tap);
    }

    /** Does something on the thread of each lane, with its tap; whether all have done it. */
    private boolean onAllLanes(OnLane action, List<TraceTap> taps) {
        CountDownLatch done = new CountDownLatch(lanes.size());
        try {
            for (int i = 0; i < lanes.size(); i++) {
                Lane lane = lanes.get(i);
                TraceTap tap = taps.get(i);
                lane.execute(
                        () -> {
                            action.act(lane, tap);
                            done.countDown();
                        });
            }
            return done.await(LANE_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) { // the tunnels have ended
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
