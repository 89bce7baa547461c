package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEventLoopGroup;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LaneGroupTest {
    @Test
    void aLaneIsOneNamedDaemonThread() {
        IoEventLoopGroup group = LaneGroup.open("culvert-tun0", 0);
        try {
            assertThat(group).hasSize(1);
            Thread thread = group.submit(Thread::currentThread).syncUninterruptibly().getNow();
            assertThat(thread.getName()).isEqualTo("culvert-tun0");
            assertThat(thread.isDaemon()).isTrue();
            assertThat(group.submit(Thread::currentThread).syncUninterruptibly().getNow())
                    .isSameAs(thread);
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
