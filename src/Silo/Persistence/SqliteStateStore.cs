using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace SnapshotGrains.Silo.Persistence;

/// <summary>
/// A durable table of small states in one SQLite file, shared by the silos of a process. Writes that arrive
/// together share one transaction, so that a batch of a thousand clones waits for few syncs.
/// </summary>
public sealed class SqliteStateStore : IAsyncDisposable
{
    private const int QueueLength = 1024;
    private const int MaxWritesPerCommit = 256;

    private readonly Channel<StateWrite> _writes = Channel.CreateBounded<StateWrite>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly SqliteConnection _writeConnection;
    private readonly string _connectionString;
    private readonly Task _writer;

    private SqliteStateStore(string connectionString, SqliteConnection writeConnection)
    {
        _connectionString = connectionString;
        _writeConnection = writeConnection;
        _writer = Task.Factory.StartNew(
            WriteLoop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Opens or creates the file.</summary>
    /// <param name="path">The file; its directory exists.</param>
    /// <exception cref="SqliteException">It is no database, or cannot be written.</exception>
    public static SqliteStateStore Open(string path)
    {
        var connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 10,
        }.ToString();
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA journal_mode=WAL");
            Execute(connection, "PRAGMA synchronous=FULL"); // an acknowledged write survives power loss
            Execute(
                connection,
                "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, version INTEGER NOT NULL, "
                + "value BLOB NOT NULL) WITHOUT ROWID");
            return new SqliteStateStore(connectionString, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The state stored under <paramref name="key"/> and its version, or null.</summary>
    public (byte[] Value, long Version)? Read(string key)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value, version FROM state WHERE key = $key";
        command.Parameters.AddWithValue("$key", key);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetFieldValue<byte[]>(0), reader.GetInt64(1)) : null;
    }

    /// <summary>
    /// Replaces a state if it has the version expected, and completes when that is durable.
    /// </summary>
    /// <param name="key">The state's key.</param>
    /// <param name="value">The new value; null deletes.</param>
    /// <param name="expectedVersion">The version to replace; 0: there must be none.</param>
    /// <returns>The new version, 0 after a deletion; null when the stored version is another.</returns>
    public async Task<long?> WriteAsync(string key, byte[]? value, long expectedVersion)
    {
        var write = new StateWrite(key, value, expectedVersion);
        await _writes.Writer.WriteAsync(write).ConfigureAwait(false);
        return await write.Done.Task.ConfigureAwait(false);
    }

    /// <summary>Finishes the writes under way and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
        await _writeConnection.DisposeAsync().ConfigureAwait(false);
        SqliteConnection.ClearPool(new SqliteConnection(_connectionString));
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void WriteLoop()
    {
        var batch = new List<StateWrite>(MaxWritesPerCommit);
        while (_writes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < MaxWritesPerCommit && _writes.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }

            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<StateWrite> batch)
    {
        try
        {
            var results = new long?[batch.Count];
            using (var transaction = _writeConnection.BeginTransaction())
            {
                for (var i = 0; i < results.Length; i++)
                {
                    results[i] = Apply(batch[i]);
                }

                transaction.Commit();
            }

            for (var i = 0; i < results.Length; i++)
            {
                batch[i].Done.SetResult(results[i]);
            }
        }
        catch (Exception error)
        {
            // Nothing of the batch happened, and each of its callers hears why.
            batch.ForEach(write => write.Done.TrySetException(error));
        }
    }

    private long? Apply(StateWrite write)
    {
        using var command = _writeConnection.CreateCommand();
        command.CommandText = (write.Value, write.ExpectedVersion) switch
        {
            (null, _) => "DELETE FROM state WHERE key = $key AND version = $expected",
            (_, 0) => "INSERT INTO state (key, version, value) VALUES ($key, 1, $value) ON CONFLICT DO NOTHING",
            _ => "UPDATE state SET value = $value, version = version + 1 WHERE key = $key AND version = $expected",
        };
        command.Parameters.AddWithValue("$key", write.Key);
        command.Parameters.AddWithValue("$expected", write.ExpectedVersion);
        command.Parameters.AddWithValue("$value", (object?)write.Value ?? DBNull.Value);
        var rows = command.ExecuteNonQuery();
        return (rows, write.Value) switch
        {
            (0, _) => null,
            (_, null) => 0,
            _ => write.ExpectedVersion + 1,
        };
    }

    private sealed record StateWrite(string Key, byte[]? Value, long ExpectedVersion)
    {
        public TaskCompletionSource<long?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
