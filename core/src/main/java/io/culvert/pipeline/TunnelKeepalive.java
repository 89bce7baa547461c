package io.culvert.pipeline;

import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.observe.LatencyRecorder;
import io.culvert.observe.PacketTrace;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketBatch.Replacement;
import io.culvert.tunnel.EchoProbe;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.GreKeepaliveAnswer;
import io.culvert.tunnel.GreProbe;
import io.culvert.tunnel.KeepaliveProbe;
import io.culvert.tunnel.KeepaliveReceiver;
import io.culvert.tunnel.PeerWatch;
import io.culvert.tunnel.RateLimit;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.wire.IpProtocol;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;

/**
 * One tunnel's keepalives in one lane: answers the peer's, and sends our own and takes their
 * answers once there is a {@link PeerWatch}.
 *
 * <p>Confined to the lane's thread. Lanes share the watch, and one of them sends.
 */
public final class TunnelKeepalive {
    /** What one peer may have answered: far more than any that asks how we are. */
    private static final int MOST_ANSWERS_PER_SECOND = 32;

    private final TunnelEndpoint endpoint;
    private final Encapsulator encapsulator;
    private final Counters counters;
    private final ChannelOutlet requests;
    private final ChannelOutlet answers;
    private final RateLimit answerLimit = new RateLimit(MOST_ANSWERS_PER_SECOND);
    private PacketTrace trace = new PacketTrace();
    private LatencyRecorder roundTrips;
    private PeerWatch watch;
    private KeepaliveProbe probe;
    private Runnable onChange = () -> {};

    TunnelKeepalive(
            TunnelEndpoint endpoint, Encapsulator encapsulator, Counters counters, BatchPool pool) {
        this.endpoint = endpoint;
        this.encapsulator = encapsulator;
        this.counters = counters;
        this.requests = new ChannelOutlet(pool, this::settleRequests, endpoint.index());
        this.answers = new ChannelOutlet(pool, this::settleAnswers, endpoint.index());
        if (endpoint.spec().hasGreKeepalives()) {
            endpoint.keepaliveReceiver(new OfGre(), IpProtocol.GRE);
        }
    }

    void underlay(Channel channel) {
        requests.channel(channel);
        answers.channel(channel);
    }

    void trace(PacketTrace lanesTrace) {
        trace = lanesTrace;
    }

    /**
     * Asks the peer from now on, at each {@link #send}, by the tunnel's own kind of keepalive.
     *
     * @param peerWatch the tunnel's, the same in all lanes
     * @param greProbe what a GRE tunnel asks with
     * @param changed is run, on the lane's thread, when the peer is gone or answers again
     */
    public void ask(PeerWatch peerWatch, GreProbe greProbe, Runnable changed) {
        ask(peerWatch, (KeepaliveProbe) greProbe, changed);
    }

    /**
     * Asks the peer from now on, at each {@link #send}, by an echo inside the tunnel.
     *
     * @see #ask(PeerWatch, GreProbe, Runnable)
     */
    public void ask(PeerWatch peerWatch, EchoProbe echoProbe, Runnable changed) {
        ask(peerWatch, (KeepaliveProbe) echoProbe, changed);
        endpoint.keepaliveReceiver(new OfEcho(echoProbe), echoProbe.protocol());
    }

    private void ask(PeerWatch peerWatch, KeepaliveProbe by, Runnable changed) {
        watch = peerWatch;
        probe = by;
        onChange = changed;
        roundTrips = new LatencyRecorder();
    }

    /**
     * Ends a period: judges whether the peer is gone, and asks it anew. A tunnel whose device is
     * down says nothing.
     */
    public void send(long nowNanos) {
        if (!endpoint.isUp()) {
            watch.pause();
            return;
        }
        if (watch.beginPeriod(nowNanos)) {
            onChange.run();
        }
        if (watch.hasMissed()) {
            probe.unanswered();
        }
        int number = watch.nextNumber(nowNanos);
        PacketBatch batch = requests.batchWithRoom();
        if (batch == null) {
            counters.add(Count.KEEPALIVES_UNSENT, 1);
            return;
        }
        int packetBytes = probe.write(batch.memory(), batch.nextPacketAt(), number);
        encapsulator.encapsulateOwn(batch, batch.append(packetBytes));
        requests.flush();
    }

    /**
     * How long answers that came to this lane were under way; null while nobody asks. Any thread,
     * once asking has begun.
     */
    public LatencyRecorder roundTrips() {
        return roundTrips;
    }

    private void takeAnswer(int number, long nowNanos) {
        long roundTripNanos = watch.roundTripNanos(number, nowNanos);
        if (roundTripNanos >= 0) {
            roundTrips.record(roundTripNanos, 1);
        }
        if (watch.answered(number, nowNanos)) {
            onChange.run();
        }
    }

    /** The batch for an answer to the request in this slot; null when it is to have none. */
    private PacketBatch batchForAnswer(PacketBatch batch, int slot) {
        if (!answerLimit.allows(batch.readNanos())) {
            batch.drop(slot, DropReason.KEEPALIVE_FLOOD);
            return null;
        }
        batch.replace(slot, Replacement.KEEPALIVE);
        PacketBatch wire = answers.batchWithRoom();
        if (wire == null) {
            counters.add(Count.KEEPALIVE_ANSWERS_UNSENT, 1);
        }
        return wire;
    }

    private void settleRequests(PacketBatch batch) {
        settle(batch, Count.KEEPALIVES_SENT, Count.KEEPALIVES_UNSENT);
    }

    private void settleAnswers(PacketBatch batch) {
        settle(batch, Count.KEEPALIVE_ANSWERS_SENT, Count.KEEPALIVE_ANSWERS_UNSENT);
    }

    private void settle(PacketBatch batch, Count sentCount, Count unsentCount) {
        if (trace.isWatched()) {
            trace.settleKeepalives(batch, endpoint.index());
        }
        int sent = 0;
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            sent += batch.isLive(slot) ? 1 : 0;
        }
        counters.add(sentCount, sent);
        counters.add(unsentCount, batch.size() - sent);
    }

    /** What a GRE tunnel receives: answers as outer packets, requests as inner ones. */
    private final class OfGre implements KeepaliveReceiver {
        private final GreKeepaliveAnswer answer = new GreKeepaliveAnswer(endpoint.spec().gre());

        @Override
        public boolean takeAnswer(int number, long nowNanos) {
            if (watch == null) {
                return false;
            }
            TunnelKeepalive.this.takeAnswer(number, nowNanos);
            return true;
        }

        @Override
        public void takeDecapsulated(
                PacketBatch batch, int slot, int outerSource, int outerDestination) {
            ByteBuffer memory = batch.memory();
            int at = batch.start(slot);
            if (!answer.isRequest(memory, at, batch.lengthBytes(slot), outerSource)) {
                return;
            }
            PacketBatch wire = batchForAnswer(batch, slot);
            if (wire != null) {
                answer.copyAnswer(batch, slot, wire, outerSource, outerDestination);
                answers.flush();
            }
        }
    }

    /**
     * What a tunnel that asks by echoes receives: replies, and requests that the host cannot
     * answer.
     */
    private final class OfEcho implements KeepaliveReceiver {
        private final EchoProbe echo;

        OfEcho(EchoProbe echo) {
            this.echo = echo;
        }

        @Override
        public boolean takeAnswer(int number, long nowNanos) {
            return false;
        }

        @Override
        public void takeDecapsulated(
                PacketBatch batch, int slot, int outerSource, int outerDestination) {
            ByteBuffer memory = batch.memory();
            int at = batch.start(slot);
            int lengthBytes = batch.lengthBytes(slot);
            int number = echo.answeredNumber(memory, at, lengthBytes);
            if (number >= 0) {
                batch.replace(slot, Replacement.KEEPALIVE);
                TunnelKeepalive.this.takeAnswer(number, batch.readNanos());
            } else if (answersForTheHost() && echo.isPeersRequest(memory, at, lengthBytes)) {
                answerForTheHost(batch, slot);
            }
        }

        /**
         * A host does not send through a device without carrier, not even the answers that would
         * tell the peer that we are back: two ends that lost each other would never meet again.
         */
        private boolean answersForTheHost() {
            return watch.spec().carrierFollows() && watch.isGone();
        }

        private void answerForTheHost(PacketBatch batch, int slot) {
            PacketBatch wire = batchForAnswer(batch, slot);
            if (wire != null) {
                echo.copyReply(batch, slot, wire);
                encapsulator.encapsulateOwn(wire, wire.size() - 1);
                answers.flush();
            }
        }
    }
}
