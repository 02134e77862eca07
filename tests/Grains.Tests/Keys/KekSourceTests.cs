using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests.Keys;

/// <summary>
/// Shows where key-encryption keys may come from, that what is no key or not private is refused, and that no refusal
/// tells what was read.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class KekSourceTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly byte[] Kek = TestKeys.KekBytes(1);
    private readonly TempDirectory _directory = new();
    private readonly FakeTime _time = new();

    public static TheoryData<byte[]> Spellings =>
    [
        Kek, Text(Convert.ToHexStringLower(Kek)), Text(Convert.ToHexString(Kek) + "\n"),
        Text(Convert.ToBase64String(Kek)), Text(Convert.ToBase64String(Kek) + "\r\n"),
    ];

    public static TheoryData<byte[]> WrongSpellings =>
    [
        [], Kek[..31], [.. Kek, 1], [.. Kek, .. Kek], Text(Convert.ToHexStringLower(Kek)[..62]),
        Text("x" + Convert.ToHexStringLower(Kek)[1..]), Text(Convert.ToBase64String(Kek[..31])),
        Text(Convert.ToBase64String([.. Kek, 1])), Text(new string('\n', 300)), new byte[5000],
    ];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task A_file_and_a_command_may_give_bytes_hexadecimal_digits_or_base64(byte[] content)
    {
        var path = Write(content);

        (await ReadAsync($"file:{path}")).Should().Equal(Kek);
        (await ReadAsync($"command:cat {path}")).Should().Equal(Kek);
        (await ReadAsync($"command:sh -c \"echo careful >&2; cat '{path}'\"")).Should().Equal(Kek);
    }

    [Theory]
    [MemberData(nameof(WrongSpellings))]
    public async Task What_is_no_key_is_refused_without_showing_it(byte[] content)
    {
        var path = Write(content);

        foreach (var source in (string[])[$"file:{path}", $"command:cat {path}"])
        {
            var why = await ShouldFailAsync(source);
            why.Should().Contain("neither 32 bytes nor 64 hexadecimal digits nor base64");
            ShouldNotTell(why, content);
        }
    }

    [Fact]
    public async Task An_environment_variable_gives_hexadecimal_digits_or_base64()
    {
        var name = $"SNAPGRAINS_TEST_{Guid.NewGuid():N}";
        (await ShouldFailAsync($"env:{name}")).Should().Contain(name).And.Contain("not set");
        foreach (var text in (string[])[Convert.ToHexString(Kek), Convert.ToBase64String(Kek)])
        {
            Environment.SetEnvironmentVariable(name, text);
            (await ReadAsync($"env:{name}")).Should().Equal(Kek);
        }

        foreach (var text in (string[])[new string('a', 32), new string('a', 3000), "secret"])
        {
            Environment.SetEnvironmentVariable(name, text);
            (await ShouldFailAsync($"env:{name}")).Should().NotContain(text).And.Contain("hexadecimal");
        }

        Environment.SetEnvironmentVariable(name, null);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_file_that_others_can_open_is_refused(UnixFileMode others)
    {
        var path = Write(Kek);
        File.SetUnixFileMode(path, Private | others);
        (await ShouldFailAsync($"file:{path}")).Should().Contain($"'chmod 600 {path}'");

        File.SetUnixFileMode(path, Private);
        (await ReadAsync($"file:{path}")).Should().Equal(Kek);
    }

    [Fact]
    public async Task What_cannot_be_read_says_so()
    {
        (await ShouldFailAsync($"file:{_directory["none"]}")).Should().Contain(_directory["none"]);
        (await ShouldFailAsync($"file:{_directory.Path}")).Should().Contain("denied");
        (await ShouldFailAsync("command:/no/such/program --token T")).Should().Contain("/no/such/program")
            .And.NotContain("--token");
        (await ShouldFailAsync("command:sh -c \"echo first >&2; echo the vault is sealed. >&2; exit 3\"")).Should()
            .Contain("ended with 3: the vault is sealed.").And.NotContain("first");
        (await ShouldFailAsync("command:yes")).Should().Contain("ended with");
    }

    [Fact]
    public async Task A_command_that_hangs_is_killed_after_ten_seconds()
    {
        var pid = _directory["pid"];
        var reading = ShouldFailAsync($"command:sh -c \"echo $$ > {pid}.new; mv {pid}.new {pid}; exec sleep 1000\"");
        await Eventually.IsTrueAsync(() => Task.FromResult(File.Exists(pid)), "the command runs");

        _time.Advance(TimeSpan.FromSeconds(9.9));
        reading.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));

        (await reading).Should().Contain("did not end within 10 s").And.Contain("command:sh …");
        var id = int.Parse(await File.ReadAllTextAsync(pid));
        await Eventually.IsTrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{id}")), "it is dead");
    }

    [Theory]
    [InlineData("")]
    [InlineData("file:")]
    [InlineData("vault:x")]
    [InlineData("/etc/kek")]
    [InlineData("8f9da3b1c5d7e9f08f9da3b1c5d7e9f08f9da3b1c5d7e9f08f9da3b1c5d7e9f0")]
    public void What_is_no_source_is_none(string text) => KekSource.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public async Task Keys_are_found_by_the_id_of_what_wraps_them()
    {
        var options = new KekOptions
        {
            Current = Parse($"file:{Write(TestKeys.KekBytes(2))}"),
            Previous = [Parse($"file:{Write(Kek)}"), Parse($"file:{Write(TestKeys.KekBytes(2))}")],
        };

        using var keks = await Keks.LoadAsync(options, _time);

        keks.CurrentId.Should().Be(TestKeys.KekId(2));
        keks.Ids.Should().Equal(TestKeys.KekId(2), TestKeys.KekId(1));
        KeyMaker.Rewrap([TestKeys.Create("a", kek: 1)], keks, _time).Should().ContainSingle()
            .Which.KekId.Should().Be(TestKeys.KekId(2));
        await FluentActions.Awaiting(() => Keks.LoadAsync(options with { Current = null }, _time)).Should()
            .ThrowAsync<SnapshotGrainsException>();
        await FluentActions.Awaiting(() => Keks.LoadAsync(
            options with { Previous = [Parse("env:NO_SUCH_VARIABLE")] }, _time)).Should()
            .ThrowAsync<SnapshotGrainsException>();
    }

    [Fact]
    public void Without_a_kek_nothing_is_made_and_the_error_says_how_to_get_one() =>
        FluentActions.Invoking(() => KeyMaker.Create("a", Keks.None, _time)).Should()
            .Throw<SnapshotGrainsException>().Where(error => error.Code == ErrorCode.KeyUnavailable)
            .WithMessage("*openssl rand -out FILE 32; chmod 600 FILE*--kek file:FILE*");

    private static byte[] Text(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    private static KekSource Parse(string text) =>
        KekSource.TryParse(text, out var source) ? source : throw new ArgumentException(text);

    private static void ShouldNotTell(string why, byte[] content)
    {
        if (content.Length > 16)
        {
            why.Should().NotContainAny(
                System.Text.Encoding.Latin1.GetString(content)[..16], Convert.ToHexString(content)[..16],
                Convert.ToHexStringLower(content)[..16], Convert.ToBase64String(content)[..16]);
        }
    }

    private string Write(byte[] content)
    {
        var path = _directory[$"kek-{Guid.NewGuid():N}"];
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, Private);
        return path;
    }

    private async Task<byte[]> ReadAsync(string source)
    {
        using var kek = await Parse(source).ReadAsync(_time, CancellationToken.None);
        return kek.Span.ToArray();
    }

    private async Task<string> ShouldFailAsync(string source)
    {
        var failure = await FluentActions.Awaiting(() => ReadAsync(source)).Should()
            .ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(ErrorCode.KeyUnavailable);
        return failure.Which.Message;
    }
}
