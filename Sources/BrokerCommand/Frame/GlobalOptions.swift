// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
package import BrokerCore
import StreamBroker

/// The options that every command on brokers has.
package struct GlobalOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration; - is standard input. STREAMBROKER_FILE, or brokers.yaml.")
    package var file: String?

    @Option(name: [.customShort("e"), .customLong("env")], help: "The environment of the file. STREAMBROKER_ENV.")
    package var environment: String?

    @Option(name: .shortAndLong, help: "The only broker that is meant.")
    package var broker: String?

    @Option(help: "A server instead of a file, without a password. STREAMBROKER_URL, which may have one.")
    package var url: String?

    @Flag(help: "Prints one JSON value.")
    package var json = false

    @Flag(help: "Prints lines with tabs between the values, as without a terminal.")
    package var plain = false

    @Flag(help: "Prints without colours, as with NO_COLOR.")
    package var noColor = false

    @Flag(name: .shortAndLong, help: "Prints nothing but data and errors.")
    package var quiet = false

    @Option(help: "Ends the command after this time, such as 5s, with 75. Without it there is no bound.")
    package var timeout: DurationArgument?

    @Flag(help: "Carries a change out without a question.")
    package var yes = false

    @Flag(help: "Prints what a change would do, and changes nothing.")
    package var dryRun = false

    @Flag(help: "Asks nothing.")
    package var noInput = false

    package init() {}

    package func validate() throws {
        if url != nil, file != nil || environment != nil {
            throw ValidationError("--url takes the place of a file: leave --file and --env out")
        }
        if json, plain { throw ValidationError("--json and --plain exclude each other") }
        if let url, ServerChoice.hasPassword(url) {
            throw ValidationError(
                "everybody on this machine can read the arguments of a command, and --url has a password: put the URL "
                    + "into STREAMBROKER_URL, or into a file that takes it from a variable")
        }
    }

    /// The broker that is meant; `nil` for all.
    package var brokerName: BrokerName? { broker.map { BrokerName($0) } }
}

/// A duration as the configuration writes it: `500ms`, `5s`, `2m`.
package struct DurationArgument: ExpressibleByArgument, Sendable, Hashable {
    /// The duration.
    package var duration: Duration

    /// Makes a duration of whole seconds.
    package init(seconds: Int) {
        duration = .seconds(seconds)
    }

    package init?(argument: String) {
        guard let duration = ScalarGrammar.duration(argument), duration > .zero else { return nil }
        self.duration = duration
    }

    /// The duration as help shows it.
    package var defaultValueDescription: String { ScalarGrammar.text(of: duration) }
}
