// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import StreamBroker

/// How commands end: the codes of `sysexits.h`, and 130 as shells have it. `check` has codes of its own.
package enum ExitCodes {
    /// Everything was done.
    package static let success: Int32 = 0
    /// The operation failed.
    package static let failure: Int32 = 1
    /// The command was used wrongly, or named what does not exist.
    package static let usage: Int32 = 64
    /// What was given cannot be used as a message.
    package static let badData: Int32 = 65
    /// A file that was named cannot be read.
    package static let noInput: Int32 = 66
    /// The server cannot be reached.
    package static let unavailable: Int32 = 69
    /// It did not work now, and may work later.
    package static let tryAgain: Int32 = 75
    /// A right is missing.
    package static let noRights: Int32 = 77
    /// Ctrl-C ended the command.
    package static let interrupted: Int32 = 130

    /// Returns the exit code of a command that fails with an error of a broker.
    package static func code(of error: BrokerError) -> Int32 {
        switch error.code {
        case .undeclaredStream, .undeclaredGroup: usage
        case .invalidMessage, .payloadTooLarge, .encoding, .decoding: badData
        case .unauthorized: noRights
        case .connection: unavailable
        case .timeout, .overloaded: tryAgain
        case .cancelled: interrupted
        default: error.isRetryable ? tryAgain : failure
        }
    }

    /// Returns how a command ends with an error, and what is printed; `nil` for errors of the arguments.
    static func ending(of error: any Error) -> (code: Int32, message: String?)? {
        switch error {
        case let error as BrokerError: (code(of: error), "error: \(error.message)")
        case let error as ConfigurationError: (error.exitCode, "\(error)")
        case let error as StandardOutput.Failure where error.isReaderGone: (success, nil)
        case let error as StandardOutput.Failure: (StandardOutput.Failure.exitCode, "error: \(error)")
        case let error as CommandFailure: (error.code, error.message.map { "error: \($0)" })
        case is CancellationError: (interrupted, nil)
        default: nil
        }
    }
}

/// The end of a command that failed otherwise than by an error of a broker.
package struct CommandFailure: Error {
    /// The exit code.
    package var code: Int32
    /// What is printed; `nil` if everything has been said.
    package var message: String?

    /// Makes a failure.
    package init(_ code: Int32, _ message: String? = nil) {
        self.code = code
        self.message = message
    }
}
