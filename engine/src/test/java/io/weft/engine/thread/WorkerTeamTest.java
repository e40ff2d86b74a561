package io.weft.engine.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerTeamTest {
  @Test
  void runsEachTaskOnce() {
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (WorkerTeam team = new WorkerTeam(threads)) {
        for (int tasks : new int[] {0, 1, 2, 7, 100}) {
          for (int repeat = 0; repeat < 50; repeat++) {
            AtomicIntegerArray count = new AtomicIntegerArray(tasks);
            team.parallel(tasks, count::incrementAndGet);
            for (int i = 0; i < tasks; i++) {
              assertThat(count.get(i)).isOne();
            }
          }
        }
      }
    }
  }

  @Test
  void wakesParkedWorkers() throws InterruptedException {
    try (WorkerTeam team = new WorkerTeam(3)) {
      for (int repeat = 0; repeat < 20; repeat++) {
        AtomicIntegerArray count = new AtomicIntegerArray(64);
        team.parallel(64, count::incrementAndGet);
        Thread.sleep(2);
        assertThat(count.get(63)).isOne();
      }
    }
  }

  @Test
  void nestedCallsRunInline() {
    try (WorkerTeam team = new WorkerTeam(4)) {
      AtomicIntegerArray count = new AtomicIntegerArray(8 * 8);
      team.parallel(
          8,
          i -> {
            Thread self = Thread.currentThread();
            team.parallel(
                8,
                j -> {
                  assertThat(Thread.currentThread()).isSameAs(self);
                  count.incrementAndGet(i * 8 + j);
                });
          });
      for (int i = 0; i < 64; i++) {
        assertThat(count.get(i)).isOne();
      }
    }
  }

  @Test
  void throwsTheFirstFailureAndGoesOn() {
    try (WorkerTeam team = new WorkerTeam(3)) {
      for (int repeat = 0; repeat < 20; repeat++) {
        IllegalStateException failure = new IllegalStateException("task 5");
        assertThatThrownBy(
                () ->
                    team.parallel(
                        40,
                        i -> {
                          if (i == 5) {
                            throw failure;
                          }
                        }))
            .isSameAs(failure);
      }
      AtomicIntegerArray count = new AtomicIntegerArray(10);
      team.parallel(10, count::incrementAndGet);
      assertThat(count.get(9)).isOne();
    }
  }

  @Test
  void severalClientsAtOnce() throws InterruptedException {
    try (WorkerTeam team = new WorkerTeam(3)) {
      List<Thread> clients = new ArrayList<>();
      AtomicIntegerArray sums = new AtomicIntegerArray(4);
      for (int c = 0; c < 4; c++) {
        int client = c;
        Thread thread =
            new Thread(
                () -> {
                  for (int repeat = 0; repeat < 300; repeat++) {
                    team.parallel(10, i -> sums.addAndGet(client, i));
                  }
                });
        clients.add(thread);
        thread.start();
      }
      for (Thread thread : clients) {
        thread.join();
      }
      for (int c = 0; c < 4; c++) {
        assertThat(sums.get(c)).isEqualTo(300 * 45);
      }
    }
  }

  @Test
  void refusesNoThreads() {
    assertThatThrownBy(() -> new WorkerTeam(0))
        .hasMessage("WorkerTeam: threads must be a positive integer. Received: threads=0.");
  }
}
