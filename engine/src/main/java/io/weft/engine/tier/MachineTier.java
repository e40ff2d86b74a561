package io.weft.engine.tier;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;

/** Finds and starts the provider of machine code, on a daemon thread, once. */
final class MachineTier {
  private static final Logger LOG = System.getLogger(KernelTier.class.getName());
  private static final CountDownLatch DONE = new CountDownLatch(1);
  private static volatile KernelProvider provider; // null until ready, and if none can serve

  static {
    Thread starter = new Thread(MachineTier::run, "weft-machine-code");
    starter.setDaemon(true);
    starter.start();
  }

  private MachineTier() {}

  /** Begins, unless it has begun. */
  static void start() {
    // what is to be done is done by loading this class
  }

  /** The provider's kernel, after waiting for it, or null. Others may still be in the making. */
  static <T> T kernel(Class<T> type) {
    boolean interrupted = false;
    while (true) {
      try {
        DONE.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // what is waited for does not take long
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    KernelProvider p = provider;
    try {
      return p == null ? null : p.kernel(type);
    } catch (RuntimeException | LinkageError e) {
      LOG.log(Level.WARNING, "kernels: no machine code for " + type.getSimpleName(), e);
      return null;
    }
  }

  private static void run() {
    boolean forced = System.getProperty(KernelTier.PROPERTY, "").equals("machine");
    try {
      Iterator<KernelProvider> found =
          ServiceLoader.load(KernelProvider.class, KernelProvider.class.getClassLoader())
              .iterator();
      if (!found.hasNext()) {
        refused(forced ? Level.WARNING : Level.DEBUG, "its module, weft-machinecode, is not there");
        return;
      }
      KernelProvider p = found.next();
      p.start(forced);
      provider = p;
      LOG.log(Level.DEBUG, "kernels: MACHINE ({0})", p);
      DONE.countDown();
      p.prepare();
    } catch (UnsupportedOperationException e) {
      refused(forced ? Level.WARNING : Level.DEBUG, e.getMessage());
    } catch (RuntimeException | ServiceConfigurationError | LinkageError e) {
      LOG.log(Level.WARNING, "kernels: no machine code", e);
    } finally {
      DONE.countDown();
    }
  }

  private static void refused(Level level, String why) {
    LOG.log(level, "kernels: no machine code: {0}", why);
  }
}
