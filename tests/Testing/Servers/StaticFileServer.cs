using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SnapshotGrains.Testing;

/// <summary>
/// A web server that serves a directory as it is, with ranges and entity tags, and misbehaves as a test says. Speaks
/// just enough HTTP/1.1 over plain sockets that every byte of an answer, and its end, is the test's to choose.
/// </summary>
public sealed class StaticFileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly string _root;
    private readonly Task _accepting;

    /// <summary>Serves a directory.</summary>
    public StaticFileServer(string root)
    {
        _root = root;
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it is.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>What to do with a request; null: as a good server does.</summary>
    public Func<StaticRequest, StaticFault?> Fault { get; set; } = _ => null;

    /// <summary>Requests so far.</summary>
    public ConcurrentQueue<StaticRequest> Requests { get; } = new();

    /// <summary>Connections so far.</summary>
    public int Connections => _connections.Count;

    /// <summary>Stops, in the middle of whatever it does.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _connections.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException
            || (error is InvalidOperationException && _stopping.IsCancellationRequested))
        {
            // The test is over, perhaps before this began.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        client.NoDelay = true;
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1, leaveOpen: true);
            while (await ReadRequestAsync(reader) is { } request)
            {
                Requests.Enqueue(request);
                if (!await AnswerAsync(client, request))
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
        {
            // The client went, or the test is over.
        }
    }

    private async Task<StaticRequest?> ReadRequestAsync(StreamReader reader)
    {
        if (await reader.ReadLineAsync(_stopping.Token) is not { Length: > 0 } first)
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(_stopping.Token) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var words = first.Split(' ');
        return new StaticRequest(words[0], words[1].TrimStart('/'), headers);
    }

    private async Task<bool> AnswerAsync(TcpClient client, StaticRequest request)
    {
        var fault = Fault(request) ?? new StaticFault();
        await fault.Before(_stopping.Token);
        if (fault.Reset)
        {
            client.LingerState = new LingerOption(true, 0);
            return false;
        }

        var path = Path.Combine(_root, request.Path);
        return fault.Status is { } status
            ? await SendAsync(client, status, fault.Headers, [])
            : !File.Exists(path) ? await SendAsync(client, 404, "", [])
            : await SendFileAsync(client, request, fault, await File.ReadAllBytesAsync(path), path);
    }

    private async Task<bool> SendFileAsync(
        TcpClient client, StaticRequest request, StaticFault fault, byte[] bytes, string path)
    {
        var modified = (fault.ModifiedAt ?? File.GetLastWriteTimeUtc(path)).ToString("R", CultureInfo.InvariantCulture);
        var tag = fault.Tag ?? $"\"{File.GetLastWriteTimeUtc(path).Ticks:x}-{bytes.Length:x}\"";
        var headers = $"Last-Modified: {modified}\r\n" + (tag.Length > 0 ? $"ETag: {tag}\r\n" : "");
        if (tag.Length > 0 && request.Headers.GetValueOrDefault("If-None-Match") == tag)
        {
            return await SendAsync(client, 304, headers, []);
        }

        var isSame = request.Headers.GetValueOrDefault("If-Range") is not { } required || required == tag;
        if (request.Method == "HEAD")
        {
            // What came behind its head would be taken for the beginning of the next answer.
            return await SendAsync(client, 200, headers, bytes, hasBody: false);
        }

        if (request.Range is not { } range || fault.IgnoreRange || !isSame)
        {
            return await SendAsync(client, 200, headers, bytes, fault);
        }

        if (range.First >= bytes.Length)
        {
            return await SendAsync(client, 416, $"{headers}Content-Range: bytes */{bytes.Length}\r\n", []);
        }

        var last = Math.Min(range.Last, bytes.Length - 1);
        headers += $"Content-Range: bytes {range.First}-{last}/{bytes.Length}\r\n";
        return await SendAsync(client, 206, headers, bytes[(int)range.First..(int)(last + 1)], fault);
    }

    private async Task<bool> SendAsync(
        TcpClient client, int status, string headers, byte[] body, StaticFault? fault = null, bool hasBody = true)
    {
        var stream = client.GetStream();
        var length = status == 304 ? "" : $"Content-Length: {body.Length}\r\n";
        await stream.WriteAsync(
            Encoding.Latin1.GetBytes($"HTTP/1.1 {status} Status\r\n{headers}{length}\r\n"), _stopping.Token);
        if (!hasBody)
        {
            return true;
        }

        var sent = Math.Min(body.Length, fault?.CutAfter ?? body.Length);
        await stream.WriteAsync(body.AsMemory(0, sent), _stopping.Token);
        if (sent < body.Length)
        {
            await fault!.AtCut(_stopping.Token);
            return false;
        }

        return true;
    }
}
