using System.Diagnostics;
using System.Security.Cryptography;

namespace SnapshotGrains.Client;

/// <summary>
/// What a program prints: <c>PROGRAM ARGS</c>, split at spaces, double quotes keeping an argument together.
/// </summary>
internal sealed class CommandSecretSource : SecretSource
{
    /// <summary>How much of what it complains about is kept, in characters.</summary>
    private const int MaxComplaint = 300;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Until a killed program's pipes are closed; they may have been inherited by somebody.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly string _program;
    private readonly string _arguments;

    public CommandSecretSource(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        (_program, _arguments) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
    }

    /// <summary>The program only: its arguments may hold a token.</summary>
    public override string ToString() => $"command:{_program}{(_arguments.Length > 0 ? " …" : "")}";

    private protected override async Task<T> ReadSecretAsync<T>(
        SecretDecoder<T> decode, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var process = Start();
        var buffer = NewBuffer();
        var work = RunAsync(process, buffer, decode);
        try
        {
            return await work.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            await EndAsync(process, work, time).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new UnreadableSecretException(
                $"the program did not end within {Deadline.TotalSeconds:0} s, and was killed");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>It has no input to wait for.</summary>
    private Process Start()
    {
        var process = Process.Start(new ProcessStartInfo(_program, _arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>A secret that came too late is zeroised like one that nobody needs any more.</summary>
    private static async Task EndAsync<T>(Process process, Task<T> work, TimeProvider time)
    {
        process.Kill(entireProcessTree: true);
        await ((Task)work).WaitAsync(Grace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (work.IsCompletedSuccessfully && await work.ConfigureAwait(false) is IDisposable secret)
        {
            secret.Dispose();
        }
    }

    private static async Task<T> RunAsync<T>(Process process, byte[] buffer, SecretDecoder<T> decode)
    {
        var complaint = LastLineAsync(process.StandardError);
        var length = await ReadAsync(process.StandardOutput.BaseStream, buffer).ConfigureAwait(false);
        process.StandardOutput.Close(); // one that prints without end ends here
        await process.WaitForExitAsync().ConfigureAwait(false);
        var says = await complaint.ConfigureAwait(false);
        return process.ExitCode == 0
            ? decode(buffer.AsSpan(0, length), isText: false)
            : throw new UnreadableSecretException(
                $"the program ended with {process.ExitCode}{(says.Length > 0 ? $": {says}" : "")}");
    }

    private static async Task<int> ReadAsync(Stream output, Memory<byte> buffer)
    {
        var length = 0;
        while (length < buffer.Length
            && await output.ReadAsync(buffer[length..]).ConfigureAwait(false) is var read and > 0)
        {
            length += read;
        }

        return length;
    }

    private static async Task<string> LastLineAsync(StreamReader error)
    {
        var tail = "";
        var buffer = new char[MaxComplaint];
        while (await error.ReadAsync(buffer).ConfigureAwait(false) is var read and > 0)
        {
            tail += new string(buffer, 0, read);
            tail = tail[Math.Max(0, tail.Length - MaxComplaint)..];
        }

        return tail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault("").TrimEnd('.');
    }
}
