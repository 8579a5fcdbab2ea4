// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One call of a sequence: something that a program, a stranger or time does.
///
/// Streams and groups go by their place, consumers and messages by a number of their own, so that a call means the same
/// when others before it are left out; one that then means nothing does nothing.
enum Call: Hashable {
    /// A consumer subscribes; a number is used once.
    case join(Int, group: Int, of: Int, from: Beginning = .earliest)
    /// Messages are published; what one looks like follows from its number.
    case publish([Int], to: Int)
    /// A consumer asks for messages, and does not wait.
    case receive(Int, limit: Int, suspects: Int = 1, isLost: Bool = false)
    /// A consumer settles.
    case settle(Int, [Decision], isLost: Bool = false)
    /// A consumer extends leases.
    case extend(Int, [LeaseNumber], isLost: Bool = false)
    /// This number of milliseconds passes.
    case pass(Int)
    /// A consumer is never heard of again.
    case die(Int)
    /// A consumer leaves.
    case leave(Int)
    /// The upkeep is done, with a bound for every stream.
    case maintain(Bound)
    /// A stranger deletes an entry.
    case delete(Int, from: Int)
    /// A stranger meddles with what says when retries are due.
    case disturb(Disturbance, group: Int, of: Int)
    /// A group is given again what it has had.
    case rewind(Int, of: Int, to: Target)
    /// A group is destroyed.
    case destroy(Int, of: Int)
    /// A stranger deletes a consumer, and with it what it holds.
    case deleteConsumer(Int)
    /// The server loses everything.
    case flush
}

extension Call {
    /// Where a group begins.
    enum Beginning: Hashable { case earliest, latest }

    /// A bound on the lengths of streams.
    enum Bound: Hashable { case hold(Int), cap(Int) }

    /// Where a group goes back to.
    enum Target: Hashable { case earliest, latest, after(Int) }

    /// What a stranger does to the sorted set.
    enum Disturbance: Hashable {
        /// Deletes it.
        case lose
        /// Puts a text in its place.
        case replace
        /// Adds what is no id.
        case addJunk
        /// Adds the id of a message, whatever that is about to do, as due now.
        case addDue(Int)
        /// Adds the id of a message as due in twenty years.
        case addNever(Int)
        /// Removes a message.
        case remove(Int)
    }

    /// One of the leases that a consumer has had of a message, counted from 1.
    struct LeaseNumber: Hashable {
        var message: Int
        var number: Int

        static func lease(_ message: Int, _ number: Int = 1) -> LeaseNumber {
            LeaseNumber(message: message, number: number)
        }
    }

    /// What is to become of a lease.
    struct Decision: Hashable {
        var lease: LeaseNumber
        var verb: Verb

        static func lease(_ message: Int, _ number: Int = 1, _ verb: Verb) -> Decision {
            Decision(lease: .lease(message, number), verb: verb)
        }
    }

    /// Every verb; delays are in milliseconds.
    enum Verb: Hashable {
        case ack, renew, bury
        case retry(Int)
        case release(Int)
        case forward([Int], to: Int)
    }
}

/// As Swift has it.
extension Call: CustomStringConvertible {
    var description: String {
        switch self {
        case .join(let consumer, let group, let stream, let start):
            ".join(\(consumer), group: \(group), of: \(stream)\(start == .earliest ? "" : ", from: .latest"))"
        case .publish(let numbers, let stream): ".publish(\(numbers), to: \(stream))"
        case .receive(let consumer, let limit, let suspects, let isLost):
            ".receive(\(consumer), limit: \(limit)\(suspects == 1 ? "" : ", suspects: \(suspects)")\(lost(isLost)))"
        case .settle(let consumer, let decisions, let isLost): ".settle(\(consumer), \(decisions)\(lost(isLost)))"
        case .extend(let consumer, let leases, let isLost): ".extend(\(consumer), \(leases)\(lost(isLost)))"
        case .pass(let milliseconds): ".pass(\(milliseconds))"
        case .die(let consumer): ".die(\(consumer))"
        case .leave(let consumer): ".leave(\(consumer))"
        case .maintain(let bound): ".maintain(.\(bound))"
        case .delete(let number, let stream): ".delete(\(number), from: \(stream))"
        case .disturb(let disturbance, let group, let stream):
            ".disturb(.\(disturbance), group: \(group), of: \(stream))"
        case .rewind(let group, let stream, let target): ".rewind(\(group), of: \(stream), to: .\(target))"
        case .destroy(let group, let stream): ".destroy(\(group), of: \(stream))"
        case .deleteConsumer(let consumer): ".deleteConsumer(\(consumer))"
        case .flush: ".flush"
        }
    }

    private func lost(_ isLost: Bool) -> String { isLost ? ", isLost: true" : "" }
}

extension Call.LeaseNumber: CustomStringConvertible {
    var description: String { ".lease(\(message), \(number))" }
}

extension Call.Decision: CustomStringConvertible {
    var description: String { ".lease(\(lease.message), \(lease.number), .\(verb))" }
}
