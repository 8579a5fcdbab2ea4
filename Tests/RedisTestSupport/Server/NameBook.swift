// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a name stands for, as workers see it: a library that is loaded before the C library answers for one name with
/// the addresses that the test says, and leaves all others to the system.
package struct NameBook: Sendable {
    /// The name.
    package static let name = "server.example"
    private let folder: String

    /// Runs `body` with a book for whoever is started in its ``environment``.
    package static func with<Result>(_ body: (NameBook) async throws -> Result) async throws -> Result {
        let folder = NSTemporaryDirectory() + "names-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = NameBook(folder: folder)
        try source.write(toFile: folder + "/names.c", atomically: true, encoding: .utf8)
        try await runProgram(
            "cc", ["-shared", "-fPIC", "-O1", "-o", folder + "/names.so", folder + "/names.c", "-ldl"])
        try book.set([])
        return try await body(book)
    }

    /// What a process is started with that shall use it.
    package var environment: [String: String] {
        ["LD_PRELOAD": folder + "/names.so", "NAME_BOOK": folder + "/addresses"]
    }

    /// Says what the name stands for from now on; nothing, and it is unknown.
    package func set(_ addresses: [String]) throws {
        try addresses.map { $0 + "\n" }.joined()
            .write(toFile: folder + "/addresses", atomically: true, encoding: .utf8)
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <netdb.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>

        typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

        int getaddrinfo(
            const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
            struct addrinfo **restrict result) {
            lookup *system = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
            const char *path = getenv("NAME_BOOK");
            if (!node || strcmp(node, "\(name)") || !path) return system(node, service, hints, result);
            FILE *file = fopen(path, "r");
            char line[64];
            struct addrinfo *first = 0, **last = &first;
            while (file && fgets(line, sizeof line, file)) {
                line[strcspn(line, "\\n")] = 0;
                if (system(line, service, hints, last)) continue;
                while (*last) last = &(*last)->ai_next;
            }
            if (file) fclose(file);
            *result = first;
            return first ? 0 : EAI_NONAME;
        }

        """
}
