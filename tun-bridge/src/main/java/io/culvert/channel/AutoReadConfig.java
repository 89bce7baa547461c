package io.culvert.channel;

import io.netty.channel.DefaultChannelConfig;

/** Netty's options of a channel, which tell the channel when it is to read no more by itself. */
final class AutoReadConfig extends DefaultChannelConfig {
    private final FdChannel owner;

    AutoReadConfig(FdChannel owner) {
        super(owner);
        this.owner = owner;
    }

    @Override
    protected void autoReadCleared() {
        owner.autoReadCleared();
    }
}
