// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `Bench --json` printed, as far as it is compared: a base may print less than the head does.
struct Report: Decodable {
    struct Result: Decodable {
        var name: String
        var unit: String
        var median: Double
        /// Microseconds of processor time for each message; `nil` in reports that do not have it.
        var processor: Double?
    }

    struct Machine: Decodable {
        var processor: String
        var cores: Int
        var load: Double
    }

    var machine: Machine
    var results: [Result]
}

/// One run of each benchmark on each side, the two of them within seconds of each other.
struct Round {
    struct Unreadable: Error {
        let file: String
        let reason: String
    }

    /// One report for each benchmark.
    var base: [Report]
    var head: [Report]

    /// What both sides came to in one benchmark.
    func pair(_ name: String) -> (base: Report.Result, head: Report.Result)? {
        // A name may have found longer ones too, on both sides alike. The first result of each name counts.
        func result(of reports: [Report]) -> Report.Result? {
            reports.lazy.flatMap(\.results).first { $0.name == name }
        }
        return result(of: base).flatMap { base in result(of: head).map { (base, $0) } }
    }

    /// The rounds in a folder, in their order; at least one.
    static func all(in folder: String) throws -> [Round] {
        var rounds: [Round] = []
        while let base = try reports("\(folder)/base-\(rounds.count + 1).json"),
            let head = try reports("\(folder)/head-\(rounds.count + 1).json")
        {
            rounds.append(Round(base: base, head: head))
        }
        guard !rounds.isEmpty else {
            throw Unreadable(
                file: folder, reason: "holds no base-1.json and head-1.json, as 'Bench --json' prints them")
        }
        return rounds
    }

    /// The names of the benchmarks that a side has.
    static func names(of side: String, in folder: String) throws -> [String] {
        guard let lines = lines(of: "\(folder)/\(side).names") else {
            throw Unreadable(file: folder, reason: "holds no \(side).names, as 'Bench --list' prints them")
        }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func reports(_ file: String) throws -> [Report]? {
        guard let lines = lines(of: file) else { return nil }
        guard !lines.isEmpty else { throw Unreadable(file: file, reason: "is empty: measure again") }
        do {
            return try lines.map { try JSONDecoder().decode(Report.self, from: $0) }
        } catch {
            throw Unreadable(file: file, reason: "is not what 'Bench --json' prints: \(error)")
        }
    }

    private static func lines(of file: String) -> [Data]? {
        FileManager.default.contents(atPath: file)?.split(separator: UInt8(ascii: "\n"))
    }
}
