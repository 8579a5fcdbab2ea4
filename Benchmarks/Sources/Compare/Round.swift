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

    subscript(name: String) -> Result? { results.first { $0.name == name } }
}

/// One run of each side, within minutes of each other.
struct Round {
    struct Unreadable: Error {
        let file: String
        let reason: String
    }

    var base: Report
    var head: Report

    /// The rounds in a folder, in their order; at least one.
    static func all(in folder: String) throws -> [Round] {
        var rounds: [Round] = []
        while let base = try report("\(folder)/base-\(rounds.count + 1).json"),
            let head = try report("\(folder)/head-\(rounds.count + 1).json")
        {
            rounds.append(Round(base: base, head: head))
        }
        guard !rounds.isEmpty else {
            throw Unreadable(
                file: folder, reason: "holds no base-1.json and head-1.json, as 'Bench --json' prints them")
        }
        return rounds
    }

    private static func report(_ file: String) throws -> Report? {
        guard let bytes = FileManager.default.contents(atPath: file) else { return nil }
        do {
            return try JSONDecoder().decode(Report.self, from: bytes)
        } catch {
            throw Unreadable(file: file, reason: "is not what 'Bench --json' prints: \(error)")
        }
    }
}
