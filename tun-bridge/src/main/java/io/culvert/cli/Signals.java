package io.culvert.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Actions on POSIX signals, until closed.
 *
 * <p>A shutdown hook would not do: after SIGINT it cannot make the exit status 0, and SIGUSR1 has
 * none. The class that does is {@code sun.misc.Signal}, which module {@code jdk.unsupported}
 * exports on purpose; it is reached by reflection because javac warns about its name and offers no
 * way to switch that warning off. A signal that was ignored when the process started, as {@code
 * nohup} does with SIGHUP, stays ignored.
 */
final class Signals implements AutoCloseable {
    private final Deque<Runnable> restores = new ArrayDeque<>();

    /**
     * Runs the action, on a thread of its own, each time the signal arrives.
     *
     * @param name without SIG, for example {@code INT}
     * @return false when this Java cannot catch the signal, for example with {@code -Xrs}
     */
    boolean on(String name, Runnable action) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object signal = signalClass.getConstructor(String.class).newInstance(name);
            Object handler =
                    Proxy.newProxyInstance(
                            Signals.class.getClassLoader(),
                            new Class<?>[] {handlerClass},
                            (proxy, method, arguments) -> {
                                if (method.getName().equals("handle")) {
                                    action.run();
                                    return null;
                                }
                                return objectMethod(proxy, method, arguments);
                            });
            Method handle = signalClass.getMethod("handle", signalClass, handlerClass);
            Object earlier = handle.invoke(null, signal, handler);
            restores.push(() -> restore(handle, signal, earlier));
            return true;
        } catch (InvocationTargetException refused) {
            return false;
        } catch (ReflectiveOperationException noSuchClass) {
            return false;
        }
    }

    /** Gives every signal back the action that it had before. */
    @Override
    public void close() {
        while (!restores.isEmpty()) {
            restores.pop().run();
        }
    }

    private static void restore(Method handle, Object signal, Object earlier) {
        try {
            handle.invoke(null, signal, earlier);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot give a signal its earlier action", e);
        }
    }

    private static Object objectMethod(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "action on a signal";
        };
    }
}
