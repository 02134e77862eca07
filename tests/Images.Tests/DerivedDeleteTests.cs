using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>
/// Shows that a base may be deleted before, while and after an image is derived from it: the import fails with a typed
/// error, or the derived image is whole and stays so.
/// </summary>
public sealed class DerivedDeleteTests : IAsyncLifetime
{
    private const int Segment = TestImages.Segment;

    private readonly TempDirectory _directory = new();
    private readonly byte[] _baseContent = TestImages.Disk(1, 20 * Segment);
    private readonly byte[] _content;
    private DirectoryImageCenter _center = null!;
    private Manifest _base = null!;

    public DerivedDeleteTests()
    {
        _content = _baseContent.ToArray();
        TestImages.Noise(2, Segment).CopyTo(_content, 11 * Segment);
    }

    public async Task InitializeAsync()
    {
        _center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        _base = await _center.ImportAsync(TestImages.Request(_baseContent), TestImages.Deadline);
    }

    public Task DisposeAsync()
    {
        _center.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The packs go with the last image that refers to them, whichever is deleted first.</summary>
    [Fact]
    public async Task The_bases_packs_stay_while_a_derived_image_needs_them()
    {
        var derived = await _center.ImportAsync(Request(), TestImages.Deadline);
        await _center.DeleteAsync("disk", "v1", TestImages.Deadline);
        Packs.Should().HaveCount(2);
        using (var reopened = await DirectoryImageCenter.OpenAsync(_directory.Path))
        {
            (await TestImages.ReadAllAsync(reopened, derived)).Should().Equal(_content);
        }

        await _center.DeleteAsync("derived", "v1", TestImages.Deadline);
        Packs.Should().BeEmpty();
    }

    /// <summary>A base that is gone when the import starts is a typed error, and nothing is left behind.</summary>
    [Fact]
    public async Task A_base_deleted_before_is_refused()
    {
        await _center.DeleteAsync("disk", "v1", TestImages.Deadline);
        await RefusedAsync("is not, or not any more");
        Packs.Should().BeEmpty();

        // The name lives on with other content: what the caller compared with is gone all the same.
        await _center.ImportAsync(TestImages.Request(TestImages.Noise(9, 1000)), TestImages.Deadline);
        await RefusedAsync("holds other content now");
        (await _center.ListAsync(TestImages.Deadline).ToListAsync()).Should().ContainSingle();
    }

    /// <summary>A base that was deleted and imported again lies in another pack: that one is referred to.</summary>
    [Fact]
    public async Task A_base_imported_again_is_found_where_it_is_now()
    {
        await _center.DeleteAsync("disk", "v1", TestImages.Deadline);
        await _center.ImportAsync(TestImages.Request(_baseContent), TestImages.Deadline);
        var derived = await _center.ImportAsync(Request(), TestImages.Deadline);
        derived.Packs.ToArray().Should().NotContain(_base.Packs[0]);
        (await TestImages.ReadAllAsync(_center, derived)).Should().Equal(_content);
    }

    /// <summary>A base that has lost a pack is no base.</summary>
    [Fact]
    public async Task A_base_without_its_pack_is_refused()
    {
        File.Delete(Packs.Single());
        await RefusedAsync(_base.Packs[0].ToString());
    }

    /// <summary>
    /// A base that another center deletes in the middle of the import keeps its packs until the derived image names
    /// them, and what only the base needed goes afterwards.
    /// </summary>
    [Fact]
    public async Task A_base_deleted_meanwhile_is_protected()
    {
        using var other = await DirectoryImageCenter.OpenAsync(_directory.Path);
        void Delete()
        {
            other.DeleteAsync("disk", "v1", TestImages.Deadline).AsTask().GetAwaiter().GetResult();
            using var sweeper = DirectoryImageCenter.OpenAsync(_directory.Path).GetAwaiter().GetResult();
            File.Exists(_directory["packs", $"{_base.Packs[0]}.pack"]).Should().BeTrue("an import is alive");
        }

        var reader = new DerivedContent(_content, _baseContent) { ActAt = 11 * Segment, Act = Delete };
        await _center.ImportAsync(Request() with { Reader = reader }, TestImages.Deadline);
        using var reopened = await DirectoryImageCenter.OpenAsync(_directory.Path);
        (await reopened.ListAsync(TestImages.Deadline).ToListAsync()).Should().ContainSingle()
            .Which.Name.Should().Be("derived");
        var derived = await reopened.GetManifestAsync("derived", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(reopened, derived)).Should().Equal(_content);
    }

    /// <summary>An import that fails after its base was deleted leaves neither, and no packs.</summary>
    [Fact]
    public async Task A_failed_import_does_not_keep_a_deleted_base()
    {
        void DeleteAndFail()
        {
            _center.DeleteAsync("disk", "v1", TestImages.Deadline).AsTask().GetAwaiter().GetResult();
            throw new IOException("the disk broke");
        }

        var reader = new DerivedContent(_content, _baseContent) { ActAt = 15 * Segment, Act = DeleteAndFail };
        var import = async () => await _center.ImportAsync(Request() with { Reader = reader }, TestImages.Deadline);
        (await import.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.BadRequest);
        using var reopened = await DirectoryImageCenter.OpenAsync(_directory.Path);
        Packs.Should().BeEmpty();
        (await reopened.ListAsync(TestImages.Deadline).ToListAsync()).Should().BeEmpty();
    }

    /// <summary>
    /// Both at the same time, or the import just when the manifest is gone but not yet the packs: the import is
    /// refused, or its image is whole.
    /// </summary>
    [Fact]
    public async Task Deleting_and_deriving_at_once_never_makes_a_broken_image()
    {
        using var other = await DirectoryImageCenter.OpenAsync(_directory.Path);
        for (var round = 0; round < 40; round++)
        {
            var delete = Task.Run(async () => await other.DeleteAsync("disk", "v1", TestImages.Deadline));
            if (round % 2 == 1)
            {
                var manifest = _directory["images", "disk", "v1.manifest"];
                SpinWait.SpinUntil(() => !File.Exists(manifest), TimeSpan.FromSeconds(10)).Should().BeTrue();
            }

            var error = await TryImportAsync(round);
            await delete;
            using var fresh = await DirectoryImageCenter.OpenAsync(_directory.Path);
            if (error is null)
            {
                var derived = await fresh.GetManifestAsync("derived", $"r{round}", TestImages.Deadline);
                (await TestImages.ReadAllAsync(fresh, derived)).AsSpan().SequenceEqual(_content)
                    .Should().BeTrue("round {0}", round);
                await fresh.DeleteAsync("derived", $"r{round}", TestImages.Deadline);
            }

            (error is null or ImageErrorCode.NotFound).Should().BeTrue("round {0} ended in {1}", round, error);
            Packs.Should().BeEmpty("round {0}", round);
            _base = await _center.ImportAsync(TestImages.Request(_baseContent), TestImages.Deadline);
        }
    }

    private string[] Packs => Directory.GetFiles(_directory["packs"]);

    private ImportRequest Request() => new()
    {
        Name = "derived",
        Snap = "v1",
        Base = _base,
        Reader = new DerivedContent(_content, _baseContent),
    };

    private async Task<ImageErrorCode?> TryImportAsync(int round)
    {
        try
        {
            await _center.ImportAsync(Request() with { Snap = $"r{round}" }, TestImages.Deadline);
            return null;
        }
        catch (ImageCenterException e)
        {
            return e.Code;
        }
    }

    private async Task RefusedAsync(string because)
    {
        var import = async () => await _center.ImportAsync(Request(), TestImages.Deadline);
        var error = (await import.Should().ThrowAsync<ImageCenterException>()).Which;
        error.Code.Should().Be(ImageErrorCode.NotFound);
        error.Message.Should().Contain(because);
        (await _center.ListAsync(TestImages.Deadline).ToListAsync()).Should().NotContain(i => i.Name == "derived");
    }
}
