// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where the webhooks come from.
enum Input: Equatable {
    case file(String)
    case standardInput
    case sample(Int)

    static let usage =
        "usage: Webhooks [FILE | - | --sample NUMBER]    from 1 to 1000000; without arguments what is piped in, else "
        + "a sample of \(standardSample)"
    static let standardSample = 500

    /// Reads the arguments; `nil` when they cannot be understood.
    init?(_ arguments: ArraySlice<String>) {
        let arguments = Array(arguments)
        switch arguments.first {
        case nil: self = Self.isAnythingPipedIn ? .standardInput : .sample(Self.standardSample)
        case "-" where arguments.count == 1: self = .standardInput
        case "--sample" where arguments.count == 2:
            guard let count = Int(arguments[1]), (1...1_000_000).contains(count) else { return nil }
            self = .sample(count)
        case let path? where arguments.count == 1 && !path.isEmpty && !path.hasPrefix("-"): self = .file(path)
        default: return nil
        }
    }

    /// What the input is called in complaints about its lines.
    var name: String {
        switch self {
        case .file(let path): path
        case .standardInput: "standard input"
        case .sample: "sample"
        }
    }

    /// Opens what is to be read; `nil` when it cannot be.
    func open() -> (any ByteSource)? {
        switch self {
        case .sample(let count): Sample(count: count)
        case .standardInput: FileSource(descriptor: STDIN_FILENO)
        case .file(let path): FileSource(path: path)
        }
    }

    /// A terminal and `/dev/null` are devices of characters; a pipe, a file and a socket are not.
    private static var isAnythingPipedIn: Bool {
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFCHR
    }
}
