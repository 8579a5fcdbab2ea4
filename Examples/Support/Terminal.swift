// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where an example speaks: data for programs on stdout, everything for people on stderr.
package enum Terminal {
    package static func print(_ line: String) {
        say(line, to: STDOUT_FILENO)
    }

    package static func printError(_ line: String) {
        say(line, to: STDERR_FILENO)
    }

    /// Nothing can be done about a reader who has gone, so that a failure ends the writing.
    private static func say(_ line: String, to descriptor: Int32) {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }
}

/// The path of a file beside the source that asks, so that an example finds its configuration wherever it is run from.
package func besideSource(_ name: String, source: String = #filePath) -> String {
    let folder = source.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (folder + [Substring(name)]).joined(separator: "/")
}
