// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Everything that was measured, with what it was measured on.
struct Report: Codable, Sendable {
    var machine: Machine
    /// The version of redis-server; `nil` when nothing was measured on Redis.
    var redis: String?
    /// What is on while it is measured.
    var engine: String
    /// How many messages a run had, before its benchmark's share.
    var messages: Int
    /// How often each benchmark was run.
    var runs: Int
    /// What to type to measure the same again.
    var again: String
    var results: [Result]

    /// One object, its keys in a stable order.
    var json: String {
        get throws { try JSONMessageCodec().encode(self).string }
    }

    /// A table for people.
    var text: String {
        var lines = ["machine   \(machine.description)"]
        if let redis { lines.append("redis     \(redis)") }
        lines += ["engine    \(engine)", "again     \(again)", ""]
        let width = results.map(\.name.count).max() ?? 0
        for result in results {
            let name = result.name.padded(to: width)
            let median = result.unit.text(result.median).padded(to: 10, toTheRight: true)
            let range = "\(result.unit.text(result.least)) .. \(result.unit.text(result.greatest))"
            let ratio = result.ratio.map { "   \($0.text(decimals: 2)) x yardstick" } ?? ""
            lines.append("\(name)  \(median) \(result.unit.rawValue)   \(range)\(ratio)")
        }
        return lines.joined(separator: "\n")
    }

    /// The result with this name.
    subscript(name: String) -> Result {
        get throws {
            if let result = results.first(where: { $0.name == name }) { return result }
            throw Missing(message: "there is no result '\(name)', which the page shows")
        }
    }

    /// The result that another one is held against.
    func yardstick(of result: Result) throws -> Result {
        if let name = result.yardstick { return try self[name] }
        throw Missing(message: "the result '\(result.name)' has no yardstick, which the page shows beside it")
    }
}

extension Report {
    /// One report of what `--json` wrote to several files. A result that several of them have is the last one's.
    init(files: [String]) throws {
        var reports = try files.map(Report.init(file:))[...]
        guard let first = reports.popFirst() else { throw Missing(message: "there is no file to read results from") }
        self = first
        for (file, report) in zip(files.dropFirst(), reports) {
            guard report.circumstances == circumstances, redis == nil || report.redis == nil || report.redis == redis
            else {
                let difference = "'\(report.circumstances)', and \(files[0]) '\(circumstances)'"
                throw UnusableFile(file: file, reason: "was measured otherwise than \(files[0]): it has \(difference)")
            }
            add(report)
        }
    }

    private init(file: String) throws {
        guard let text = TextFile.text(of: file) else { throw UnusableFile(file: file, reason: "cannot be read") }
        do {
            self = try JSONMessageCodec().decode(Report.self, from: Payload(text))
        } catch {
            throw UnusableFile(file: file, reason: "is not what --json prints: \(error)")
        }
    }

    /// What must be the same for numbers that stand beside each other.
    private var circumstances: String {
        "\(machine.name), \(runs) runs of \(messages) messages"
    }

    private mutating func add(_ other: Report) {
        let names = Set(other.results.map(\.name))
        results = results.filter { !names.contains($0.name) } + other.results
        machine.load = [machine.load, other.machine.load].compactMap(\.self).max()
        redis = redis ?? other.redis
    }
}

extension String {
    fileprivate func padded(to width: Int, toTheRight: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width - count))
        return toTheRight ? padding + self : self + padding
    }
}
