package io.weft.engine.thread;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * A fixed team of daemon threads that runs numbered tasks.
 *
 * <p>The caller takes part. While one caller uses the team, every other caller, and every nested
 * call, runs its own tasks itself: nobody waits for a lock. No thread is started before the first
 * call that has more than one task. Tasks must not depend on the thread that runs them; their
 * number must follow from the sizes of the data only.
 *
 * <p>Any thread may call any method.
 */
public final class WorkerTeam implements AutoCloseable {
  /** System property with the number of threads, the caller included. */
  public static final String THREADS_PROPERTY = "weft.threads";

  private static final int SPINS = 2000;

  private final int threads;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final Worker[] workers;
  private boolean started; // guarded by busy
  private volatile Job current;
  private volatile boolean closed;

  /** A team of {@code threads} threads, the caller included; at least 1. */
  public WorkerTeam(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "WorkerTeam: threads must be a positive integer. Received: threads=" + threads + ".");
    }
    this.threads = threads;
    workers = new Worker[threads - 1];
  }

  /** The team of this process: {@code weft.threads} threads, by default one per processor. */
  public static WorkerTeam shared() {
    return Shared.TEAM;
  }

  /** Number of threads, the caller included. */
  public int threads() {
    return threads;
  }

  /**
   * Runs {@code body} for 0 … {@code tasks - 1} and returns when all are done. The first exception
   * of a task is thrown here, after the running tasks have ended; the others are then skipped.
   */
  public void parallel(int tasks, IntConsumer body) {
    if (tasks <= 1 || threads == 1 || closed || !busy.compareAndSet(false, true)) {
      for (int i = 0; i < tasks; i++) {
        body.accept(i);
      }
      return;
    }
    Job job = new Job(tasks, body);
    try {
      start();
      current = job;
      int helpers = Math.min(workers.length, tasks - 1);
      for (int i = 0; i < helpers; i++) {
        workers[i].wake();
      }
      job.work();
      job.await();
    } finally {
      current = null;
      busy.set(false);
    }
    job.rethrow();
  }

  /** Ends the threads; later calls run in the caller alone. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      if (worker != null) {
        LockSupport.unpark(worker);
      }
    }
  }

  private void start() {
    if (!started) {
      for (int i = 0; i < workers.length; i++) {
        workers[i] = new Worker(i);
        workers[i].start();
      }
      started = true;
    }
  }

  /** Takes tasks of the current job; parks when there has been none for a while. */
  private final class Worker extends Thread {
    private volatile boolean parked;

    Worker(int index) {
      super("weft-worker-" + (index + 1));
      setDaemon(true);
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      Job seen = null;
      while (!closed) {
        Job job = current;
        if (job == null || job == seen) {
          job = idle(seen);
        }
        if (job != null) {
          seen = job;
          job.work();
        }
      }
    }

    private Job idle(Job seen) {
      for (int i = 0; i < SPINS; i++) {
        Job job = current;
        if (job != null && job != seen) {
          return job;
        }
        Thread.onSpinWait();
      }
      parked = true;
      try {
        Job job = current; // read after parked is set: either we see the job or wake() sees us
        if ((job == null || job == seen) && !closed) {
          LockSupport.park(WorkerTeam.this);
        }
      } finally {
        parked = false;
      }
      return null;
    }
  }

  /** One call of {@code parallel}. */
  private static final class Job {
    private final int tasks;
    private final IntConsumer body;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger left;
    private final Thread caller = Thread.currentThread();
    private volatile boolean waiting;
    private volatile Throwable failure;

    Job(int tasks, IntConsumer body) {
      this.tasks = tasks;
      this.body = body;
      left = new AtomicInteger(tasks);
    }

    void work() {
      for (int i = claim(); i < tasks; i = claim()) {
        try {
          if (failure == null) {
            body.accept(i);
          }
        } catch (Throwable t) {
          fail(t);
        } finally {
          if (left.decrementAndGet() == 0 && waiting) {
            LockSupport.unpark(caller);
          }
        }
      }
    }

    private int claim() {
      // the check keeps late workers from overflowing the counter
      return next.get() < tasks ? next.getAndIncrement() : tasks;
    }

    private synchronized void fail(Throwable t) {
      if (failure == null) {
        failure = t;
      } else if (failure != t) {
        failure.addSuppressed(t);
      }
    }

    void await() {
      for (int i = 0; i < SPINS && left.get() > 0; i++) {
        Thread.onSpinWait();
      }
      waiting = true;
      boolean interrupted = false;
      while (left.get() > 0) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted(); // an interrupted thread could not park
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    void rethrow() {
      Throwable t = failure;
      if (t instanceof Error error) {
        throw error;
      }
      if (t != null) {
        throw (RuntimeException) t; // IntConsumer throws nothing else
      }
    }
  }

  private static final class Shared {
    static final WorkerTeam TEAM = new WorkerTeam(threadsFromProperty());

    private static int threadsFromProperty() {
      int processors = Runtime.getRuntime().availableProcessors();
      int wanted = Integer.getInteger(THREADS_PROPERTY, processors);
      return wanted < 1 ? processors : Math.min(wanted, 1024);
    }
  }
}
