// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The clock of a server, which a test can set or stop: a library that is loaded before the C library adds a distance
/// to what the system says, or says what the test says.
package struct ServerClock: Sendable {
    private let folder: String

    /// Compiles the library into a folder. Needs a C compiler, which Swift brings or needs as well.
    init(folder: String) async throws {
        self.folder = folder
        try Self.source.write(toFile: folder + "/clock.c", atomically: true, encoding: .utf8)
        try await runProgram(
            "cc", ["-shared", "-fPIC", "-O1", "-o", folder + "/clock.so", folder + "/clock.c", "-ldl"])
        try set(ahead: .zero)
    }

    /// What the server is started with.
    var environment: [String: String] {
        ["LD_PRELOAD": folder + "/clock.so", "CLOCK_DISTANCE": folder + "/clock"]
    }

    /// Lets the clock run, so far ahead of the system's.
    package func set(ahead distance: Duration) throws {
        try write(distance: distance.components.seconds * 1_000_000, stopped: 0)
    }

    /// Stops the clock at a time, in milliseconds since 1970. What measures how long the server waits is another clock,
    /// which runs on; a read that blocks does not end.
    package func stop(at milliseconds: Int64) throws {
        try write(distance: 0, stopped: milliseconds * 1_000)
    }

    /// Two numbers of microseconds: what is added to the system's time, and what is said instead of it.
    private func write(distance: Int64, stopped: Int64) throws {
        // Written in place: the server has the file in its memory.
        if !FileManager.default.fileExists(atPath: folder + "/clock") {
            _ = FileManager.default.createFile(atPath: folder + "/clock", contents: Data(count: 16))
        }
        guard let file = FileHandle(forUpdatingAtPath: folder + "/clock") else {
            throw RigFailure("the clock of the server cannot be set")
        }
        try file.write(contentsOf: withUnsafeBytes(of: (distance, stopped)) { Data($0) })
        try file.close()
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static volatile long long *distance;

        __attribute__((constructor)) static void begin(void) {
            const char *path = getenv("CLOCK_DISTANCE");
            int file = path ? open(path, O_RDONLY) : -1;
            if (file < 0) return;
            void *memory = mmap(0, 16, PROT_READ, MAP_SHARED, file, 0);
            if (memory != MAP_FAILED) distance = memory;
            close(file);
        }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            long result = syscall(SYS_clock_gettime, clock, time);
            if (result != 0 || clock != CLOCK_REALTIME || !distance) return (int)result;
            time->tv_sec += distance[0] / 1000000;
            if (distance[1]) {
                time->tv_sec = distance[1] / 1000000;
                time->tv_nsec = distance[1] % 1000000 * 1000;
            }
            return 0;
        }

        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            struct timespec now;
            (void)zone;
            if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }

        """
}
