// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker

/// When the next message may be published: evenly, at a rate.
package struct PublishPace: Sendable {
    private let interval: Duration?
    private var start: ContinuousClock.Instant?

    /// Makes a pace.
    ///
    /// - Parameter rate: The most messages in a second; `nil` for no bound.
    package init(rate: Int?) {
        interval = rate.map { .seconds(1) / $0 }
    }

    /// Returns how long to wait before a message; `nil` if it may go at once.
    ///
    /// - Parameters:
    ///   - number: Which message it is, from 1.
    ///   - now: The time.
    package mutating func pause(before number: Int, now: ContinuousClock.Instant = .now) -> Duration? {
        guard let interval else { return nil }
        let first = start ?? now
        start = first
        let pause = first + interval * (number - 1) - now
        return pause > .zero ? pause : nil
    }
}

/// Divides bytes into lines and bounds their size: a pure value. A line that is too long is told once and passed over.
package struct LineSplitter: Sendable {
    /// A line without its end, or one that was too long.
    package enum Line: Sendable, Hashable {
        case bytes([UInt8])
        case tooLong
    }

    private let bound: Int
    private var rest: [UInt8] = []
    private var isTooLong = false

    /// Makes a splitter.
    ///
    /// - Parameter bound: The most bytes of a line.
    package init(bound: Int) {
        self.bound = bound
    }

    /// Takes more bytes and returns the lines that ended in them.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> [Line] {
        var lines: [Line] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(end())
            } else if rest.count < bound {
                rest.append(byte)
            } else {
                isTooLong = true
            }
        }
        return lines
    }

    /// Returns the last line if the input did not end with the end of a line.
    package mutating func finish() -> Line? {
        rest.isEmpty && !isTooLong ? nil : end()
    }

    private mutating func end() -> Line {
        defer { (rest, isTooLong) = ([], false) }
        if isTooLong { return .tooLong }
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        return .bytes(rest)
    }
}

/// The bodies that a command publishes, one after the other.
struct PublishInput: AsyncSequence, AsyncIteratorProtocol {
    /// The most bytes of a body that is read: the greatest `max-payload` that a stream may have is checked by the broker.
    static let bound = 64 << 20

    private enum Source {
        case body([UInt8], times: Int)
        case lines(LineSplitter)
    }

    private var source: Source
    private var ready: [LineSplitter.Line] = []
    private var isOver = false
    private var number = 0

    /// Repeats one body.
    init(_ body: [UInt8], times: Int) {
        source = .body(body, times: times)
    }

    /// Reads the lines of standard input.
    init(linesWithin bound: Int = bound) {
        source = .lines(LineSplitter(bound: bound))
    }

    func makeAsyncIterator() -> PublishInput { self }

    /// Returns the next body and its number, from 1.
    mutating func next() async throws -> (Int, Result<[UInt8], BrokerError>)? {
        number += 1
        switch source {
        case .body(let body, let times):
            return number <= times ? (number, .success(body)) : nil
        case .lines(var splitter):
            while ready.isEmpty, !isOver {
                let bytes = try InputFile.standardInput.read(atMost: 64 << 10)
                if bytes.isEmpty {
                    isOver = true
                    if let last = splitter.finish() { ready.append(last) }
                } else {
                    ready += splitter.take(bytes)
                }
            }
            source = .lines(splitter)
            return ready.isEmpty ? nil : (number, ready.removeFirst().body)
        }
    }
}

extension LineSplitter.Line {
    fileprivate var body: Result<[UInt8], BrokerError> {
        switch self {
        case .bytes(let bytes): .success(bytes)
        case .tooLong: .failure(.init(.payloadTooLarge, "the line has more than \(PublishInput.bound >> 20) MiB"))
        }
    }
}

extension PublishCommand {
    /// The bodies that the argument means.
    func bodies() throws -> PublishInput {
        if body == "-" { return PublishInput() }
        guard body.hasPrefix("@") else { return PublishInput(Array(body.utf8), times: count) }
        return PublishInput(
            try InputFile.content(of: String(body.dropFirst()), atMost: PublishInput.bound), times: count)
    }
}
