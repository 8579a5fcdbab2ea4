// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The failure of a conformance check: what was expected and what was found.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected and what was found.
    public var message: String
    /// The file of the check that failed.
    public var file: String
    /// The line at which it failed.
    public var line: Int

    /// Makes a failure. By default it has the position of the caller.
    public init(_ message: String, file: String = #fileID, line: Int = #line) {
        self.message = message
        self.file = file
        self.line = line
    }

    /// The message and the position.
    public var description: String { "\(message) (\(file):\(line))" }
}

/// Fails the check unless `condition` holds.
func expect(
    _ condition: Bool, _ message: @autoclosure () -> String, file: String = #fileID, line: Int = #line
) throws {
    if !condition { throw ConformanceFailure(message(), file: file, line: line) }
}

/// Fails the check unless `found` is `expected`; `what` names the value in the failure.
func expect<Value: Equatable>(
    _ found: Value, is expected: Value, _ what: String, file: String = #fileID, line: Int = #line
) throws {
    try expect(found == expected, "\(what): expected \(expected), found \(found)", file: file, line: line)
}

/// Fails the check unless `outcome` is one of the named kinds.
func expect(
    _ outcome: SettlementOutcome, isOneOf kinds: OutcomeKind..., after what: String, file: String = #fileID,
    line: Int = #line
) throws {
    let wanted = kinds.map(\.rawValue).joined(separator: " or ")
    try expect(
        kinds.contains(outcome.kind), "the outcome of \(what): expected \(wanted), found \(outcome)", file: file,
        line: line)
}

/// Fails the check unless `ids` are exactly those of `expected`, each once, in any order.
func expectExactly(
    _ ids: [MessageID], _ expected: [MessageID], _ what: String, file: String = #fileID, line: Int = #line
) throws {
    let lost = Set(expected).subtracting(ids).count
    let strange = Set(ids).subtracting(expected).count
    let doubled = ids.count - Set(ids).count
    try expect(
        lost + strange + doubled == 0, "\(what): \(lost) missing, \(strange) unexpected, \(doubled) more than once",
        file: file, line: line)
}

/// The kinds of outcomes, without what they carry.
enum OutcomeKind: String {
    case done, renewed, lost, settled, missing, refused
}

extension SettlementOutcome {
    var kind: OutcomeKind {
        switch self {
        case .done, .deadLettered: .done
        case .renewed: .renewed
        case .lost: .lost
        case .settled: .settled
        case .missing: .missing
        case .refused: .refused
        }
    }
}
