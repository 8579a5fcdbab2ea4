// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerTestKit

/// A decoder under attack: what it is fed, and what must hold of whatever comes out of it.
package protocol FuzzTarget: Sendable {
    /// The name, which is also that of its folder of kept inputs.
    var name: String { get }
    /// What means something to the decoder, for mutations.
    var words: [String] { get }

    /// Draws an input that is valid.
    func makeInput(using random: inout SeededGenerator) -> [UInt8]

    /// Decodes an input in every way, and throws when a promise is broken.
    ///
    /// Returns what kind of outcome it was, in few words: inputs whose outcome is new are worth mutating.
    func check(_ input: [UInt8]) throws(FuzzFinding) -> String
}

/// The decoders that read what others wrote.
package enum FuzzTargets {
    /// All of them.
    package static let all: [any FuzzTarget] = [
        ReplyTarget(), ClusterTarget(), SentinelTarget(), EntryTarget(), EnvelopeTarget(), YAMLTarget(), URLTarget(),
    ]
}
