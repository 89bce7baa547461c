package io.culvert.control;

import io.culvert.attach.AttachClient;
import io.culvert.attach.Request;
import io.culvert.attach.RequestHandler;
import io.culvert.attach.Response;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Answers which tunnels this process has, so that a client finds the process it means. */
final class TunnelsVerb implements RequestHandler {
    private final List<LiveTunnel> tunnels;
    private final Function<LiveTunnel, TunnelState> states;

    TunnelsVerb(List<LiveTunnel> tunnels, Function<LiveTunnel, TunnelState> states) {
        this.tunnels = tunnels;
        this.states = states;
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put(AttachClient.NETWORK_NAMESPACE, AttachClient.networkNamespace());
        answer.put(AttachClient.TUNNEL_LIST, tunnels.stream().map(this::of).toList());
        response.answer(answer);
    }

    private Map<String, Object> of(LiveTunnel tunnel) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(AttachClient.NAME, tunnel.name());
        object.put("mode", tunnel.spec().word());
        object.put(AttachClient.UNDERLAY, tunnel.underlay().word());
        object.put(AttachClient.STATE, states.apply(tunnel).device().label());
        object.put(AttachClient.WORDS, ConfigWords.of(tunnel.config()));
        return object;
    }
}
