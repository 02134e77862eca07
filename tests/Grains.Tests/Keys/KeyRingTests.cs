using System.Collections.Concurrent;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests.Keys;

/// <summary>
/// Shows that a key is unwrapped once, that it is gone within a second of its revocation, that only an answer takes it
/// away, and that every reason why it cannot be used has its sentence.
/// </summary>
public sealed class KeyRingTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTime _time = new();
    private readonly Keks _keks = TestKeys.Keks(1);
    private readonly ConcurrentDictionary<string, KeyInfo> _catalog = new();
    private readonly ConcurrentQueue<KeyRef> _lost = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly KeyRing _ring;
    private Func<string, Task> _beforeAnswer = _ => Task.CompletedTask;

    public KeyRingTests()
    {
        _ring = new KeyRing(_keks, FindAsync, _time);
        _ring.Lost += _lost.Enqueue;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _ring.DisposeAsync();
        _keks.Dispose();
    }

    [Fact]
    public async Task A_key_is_looked_up_and_unwrapped_once_for_all_who_want_it()
    {
        var key = Add("a");
        var gate = new TaskCompletionSource();
        _beforeAnswer = _ => gate.Task;
        using var impatient = new CancellationTokenSource();
        var gaveUp = _ring.OpenAsync(key, impatient.Token).AsTask();
        var openings = Enumerable.Range(0, 16).Select(_ => _ring.OpenAsync(key, None).AsTask()).ToArray();

        await impatient.CancelAsync();
        await FluentActions.Awaiting(() => gaveUp).Should().ThrowAsync<OperationCanceledException>();
        gate.SetResult();
        var opened = await Task.WhenAll(openings);

        opened.Distinct().Should().ContainSingle().Which.Ref.Should().Be(key);
        _asked.Should().ContainSingle();
        _ring.OpenAsync(key, None).IsCompletedSuccessfully.Should().BeTrue("it is at hand now");
    }

    [Fact]
    public async Task It_is_the_key_that_was_wrapped()
    {
        var key = Add("a");
        using var kek = TestKeys.Kek(1);
        using var bytes = KeyEnvelope.Unwrap(kek, _catalog["a"].Envelope.AsSpan());
        using var cipher = new AesXts(bytes.Span);
        var plain = TestImage.Random(8192);
        var expected = new byte[plain.Length];
        cipher.Encrypt(plain, expected, 77);

        var opened = await _ring.OpenAsync(key, None);
        var ciphertext = new byte[plain.Length];
        opened.Encrypt(plain, ciphertext, 77);

        ciphertext.Should().Equal(expected).And.NotEqual(plain);
        opened.SectorBytes.Should().Be(4096);
    }

    [Theory]
    [InlineData("revoked", "is revoked")]
    [InlineData("removed", "was removed")]
    [InlineData("replaced", "is another now")]
    public async Task A_key_that_is_taken_away_is_zeroised_at_the_next_second(string how, string says)
    {
        var (key, other) = (Add("a"), Add("b"));
        var (opened, kept) = (await _ring.OpenAsync(key, None), await _ring.OpenAsync(other, None));

        TakeAway(how);
        _time.Advance(Second);
        await UntilAsync(() => !_lost.IsEmpty, "the loss is told");

        opened.IsGone.Should().BeTrue();
        ShouldBeGone(opened);
        (await OpeningOf(key).Should().ThrowAsync<SnapshotGrainsException>()).Which.Should().Match(
            (SnapshotGrainsException error) => error.Code == ErrorCode.KeyUnavailable && error.Message.Contains(says));
        kept.IsGone.Should().BeFalse();
        _lost.Should().Equal(key);
    }

    [Fact]
    public async Task Rotation_disturbs_nobody()
    {
        var key = Add("a");
        var opened = await _ring.OpenAsync(key, None);
        using var keks = TestKeys.Keks(2, previous: 1);
        _catalog["a"] = KeyMaker.Rewrap(_catalog.Values, keks, _time).Single();

        await AskAgainAsync(times: 2);

        opened.IsGone.Should().BeFalse();
    }

    [Fact]
    public async Task Whoever_does_not_answer_takes_nothing_away()
    {
        var key = Add("a");
        var opened = await _ring.OpenAsync(key, None);

        _beforeAnswer = _ => throw new SnapshotGrainsException(ErrorCode.SiloUnavailable, "No silo.");
        await AskAgainAsync(times: 3);
        _beforeAnswer = _ => throw new InvalidOperationException("A defect.");
        await AskAgainAsync(times: 2);
        opened.IsGone.Should().BeFalse();

        TakeAway("revoked");
        _beforeAnswer = _ => Task.CompletedTask;
        await AdvanceUntilAsync(() => !_lost.IsEmpty, "the revocation is noticed as soon as somebody answers");
        opened.IsGone.Should().BeTrue();
    }

    [Fact]
    public async Task A_question_that_hangs_does_not_delay_the_others_for_long()
    {
        var (hangs, revoked) = (Add("hangs"), Add("a"));
        var kept = await _ring.OpenAsync(hangs, None);
        await _ring.OpenAsync(revoked, None);
        var never = new TaskCompletionSource();
        _beforeAnswer = name => name == "hangs" ? never.Task : Task.CompletedTask;
        await AdvanceUntilAsync(() => _asked.Count(name => name == "hangs") > 1, "the first question hangs");
        var start = _time.Now;

        TakeAway("revoked");
        await AdvanceUntilAsync(() => !_lost.IsEmpty, "the other key is lost");

        _lost.Should().Equal(revoked);
        kept.IsGone.Should().BeFalse();
        (_time.Now - start).Should().BeLessThan(TimeSpan.FromSeconds(60), "each question has its deadline");
    }

    [Fact]
    public async Task A_listener_that_fails_keeps_neither_the_others_nor_the_watch_from_going_on()
    {
        var (first, second) = (Add("a"), Add("b"));
        await using var ring = new KeyRing(_keks, FindAsync, _time);
        ring.Lost += _ => throw new InvalidOperationException("A defect.");
        ring.Lost += _lost.Enqueue;
        await ring.OpenAsync(first, None);
        await ring.OpenAsync(second, None);

        _catalog.TryRemove("a", out _);
        await AdvanceUntilAsync(() => _lost.Count == 1, "the first loss is told");
        _catalog.TryRemove("b", out _);
        await AdvanceUntilAsync(() => _lost.Count == 2, "the second loss is told");
    }

    [Fact]
    public async Task A_failure_is_forgotten_so_that_the_next_who_asks_tries_again()
    {
        var key = Add("a");
        _beforeAnswer = _ => throw new SnapshotGrainsException(ErrorCode.SiloUnavailable, "No silo.");
        (await OpeningOf(key).Should().ThrowAsync<SnapshotGrainsException>()).Which.IsTransient.Should().BeTrue();

        _beforeAnswer = _ => new TaskCompletionSource().Task;
        var hanging = _ring.OpenAsync(key, None).AsTask();
        await AdvanceUntilAsync(() => hanging.IsCompleted, "a question without an answer ends");
        (await FluentActions.Awaiting(() => hanging).Should().ThrowAsync<SnapshotGrainsException>())
            .Which.Code.Should().Be(ErrorCode.SiloUnavailable);

        _beforeAnswer = _ => Task.CompletedTask;
        (await _ring.OpenAsync(key, None)).Ref.Should().Be(key);
    }

    [Fact]
    public async Task A_key_under_another_kek_names_that_and_what_to_do()
    {
        var key = Add("a", kek: 2);
        (await OpeningOf(key).Should().ThrowAsync<SnapshotGrainsException>()).Which.Message.Should()
            .ContainAll("'a'", TestKeys.KekId(2), TestKeys.KekId(1), "--previous-kek");

        await using var poor = new KeyRing(Keks.None, FindAsync, _time);
        var failure = await FluentActions.Awaiting(() => poor.OpenAsync(key, None).AsTask()).Should()
            .ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(ErrorCode.KeyUnavailable);
        failure.Which.Message.Should().ContainAll(TestKeys.KekId(2), "--kek file:FILE");
    }

    [Fact]
    public async Task A_damaged_envelope_is_no_key()
    {
        var key = Add("a");
        var envelope = _catalog["a"].Envelope;
        _catalog["a"] = _catalog["a"] with { Envelope = envelope.SetItem(9, (byte)(envelope[9] ^ 1)) };

        (await OpeningOf(key).Should().ThrowAsync<SnapshotGrainsException>()).Which.Should().Match(
            (SnapshotGrainsException error) => error.Code == ErrorCode.KeyUnavailable
                && error.Message.Contains("envelope of key 'a' is damaged"));
    }

    [Fact]
    public async Task A_closed_ring_has_zeroised_its_keys_without_calling_that_a_loss()
    {
        var key = Add("a");
        var opened = await _ring.OpenAsync(key, None);

        await _ring.DisposeAsync();
        await _ring.DisposeAsync();

        ShouldBeGone(opened);
        _lost.Should().BeEmpty();
        await OpeningOf(key).Should().ThrowAsync<ObjectDisposedException>();
    }

    private static void ShouldBeGone(DataKey key) =>
        FluentActions.Invoking(() => key.Decrypt(new byte[4096], new byte[4096], 0)).Should()
            .Throw<SnapshotGrainsException>().Where(error => error.Code == ErrorCode.KeyUnavailable);

    private static Task UntilAsync(Func<bool> isSo, string what) =>
        Eventually.IsTrueAsync(() => Task.FromResult(isSo()), what);

    private Func<Task> OpeningOf(KeyRef key) => () => _ring.OpenAsync(key, None).AsTask();

    private KeyRef Add(string name, byte kek = 1) => (_catalog[name] = TestKeys.Create(name, kek)).Ref;

    private void TakeAway(string how)
    {
        switch (how)
        {
            case "revoked":
                _catalog["a"] = _catalog["a"] with { State = KeyState.Revoked };
                break;
            case "removed":
                _catalog.TryRemove("a", out _);
                break;
            default:
                Add("a");
                break;
        }
    }

    private Task AskAgainAsync(int times)
    {
        var before = _asked.Count;
        return AdvanceUntilAsync(() => _asked.Count >= before + times, "the catalog is asked again");
    }

    /// <summary>The watch may be under way when a second begins; then the next one is its.</summary>
    private Task AdvanceUntilAsync(Func<bool> isSo, string what) => UntilAsync(
        () =>
        {
            _time.Advance(Second);
            return isSo();
        },
        what);

    private async Task<KeyInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        _asked.Enqueue(name);
        await _beforeAnswer(name);
        return _catalog.GetValueOrDefault(name);
    }
}
