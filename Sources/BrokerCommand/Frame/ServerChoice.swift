// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker

/// Where a command finds its brokers: in a file, or at an address.
package enum ServerChoice: Hashable {
    /// A configuration file, in an environment; `nil` for that of STREAMBROKER_ENV, or none.
    case file(String, environment: String?)
    /// The address of one server.
    case url(String)

    /// Chooses by the options and then by the variables; an address goes before a file.
    package init(_ options: GlobalOptions, variables: [String: String]) {
        let given = { (name: String) in variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let url = options.url {
            self = .url(url)
        } else if options.file == nil, options.environment == nil, let url = given("STREAMBROKER_URL") {
            self = .url(url)
        } else {
            let file = options.file ?? given("STREAMBROKER_FILE") ?? "brokers.yaml"
            self = .file(file, environment: options.environment)
        }
    }

    /// Whether an address has a password, such as `redis://:secret@host`.
    package static func hasPassword(_ url: String) -> Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
        guard let end = authority.lastIndex(of: "@") else { return false }
        return authority[..<end].firstIndex(of: ":").map { authority.index(after: $0) < end } ?? false
    }

    /// Makes the registry; opens no connection. Nothing is logged, since commands say themselves what is wrong.
    func open() throws(ConfigurationError) -> BrokerRegistry {
        let silent = Logger(label: "streambroker") { _ in SwiftLogNoOpLogHandler() }
        switch self {
        case .file(let path, let environment):
            return try BrokerRegistry.load(path, environment: environment, logger: silent)
        case .url(let url):
            return try BrokerRegistry(Self.configuration(of: url), logger: silent)
        }
    }

    /// A configuration of one broker and no streams.
    private static func configuration(of url: String) -> BrokersConfiguration {
        let isMemory = url.hasPrefix("memory:")
        let options: [(String, String)] = isMemory ? [] : [("url", url), ("connect-timeout", "5s")]
        let entries = options.map { key, value in
            ConfigurationNode.Entry(key: key, node: ConfigurationNode(.scalar(value, isQuoted: key == "url")))
        }
        return BrokersConfiguration(brokers: [
            BrokerConfiguration(
                "server", provider: isMemory ? "memory" : "redis-streams", options: ConfigurationNode(.map(entries)))
        ])
    }
}
