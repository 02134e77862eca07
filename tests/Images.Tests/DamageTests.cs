using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>
/// Shows that damaged files give a typed error for the segments concerned, and nothing but the right bytes.
/// </summary>
public sealed class DamageTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private readonly byte[] _content = TestImages.Noise(1, (8 * TestImages.Segment) + 700);
    private DirectoryImageCenter _center = null!;
    private Manifest _manifest = null!;

    private string PackPath => _directory["packs", $"{_manifest.Packs[0]}.pack"];

    private string ManifestPath => _directory["images", "disk", "v1.manifest"];

    public async Task InitializeAsync()
    {
        _center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        _manifest = await _center.ImportAsync(TestImages.Request(_content), TestImages.Deadline);
    }

    public Task DisposeAsync()
    {
        _center.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>One flipped bit costs one segment; the error names it, and repair in place brings it back.</summary>
    [Fact]
    public async Task A_flipped_bit_costs_its_segment_only_until_it_is_repaired()
    {
        var location = _manifest.LocationOf(3);
        TestImages.Flip(PackPath, location.Offset + 777, 4);
        var fetcher = new SegmentFetcher(_center);
        var refused = new List<ImageCenterException>();
        fetcher.Refused += refused.Add;
        for (var n = 0; n < _manifest.Map.SegmentCount; n++)
        {
            (await TryFetchAsync(fetcher, n)).Should().Be(n == 3 ? ImageErrorCode.Corrupt : null, "segment {0}", n);
        }

        fetcher.CorruptSegments.Should().Be(1);
        fetcher.DigestMismatches.Should().Be(SegmentFetcher.MaxReads);
        refused.Should().HaveCount(SegmentFetcher.MaxReads);
        var error = refused[^1];
        (error.Image, error.Segment, error.Pack, error.Offset)
            .Should().Be(("disk@v1", 3, location.Pack, location.Offset));
        error.ExpectedDigest.Should().Be(_manifest.Map.DigestOf(3));
        error.ActualDigest.Should().NotBe(error.ExpectedDigest);
        error.Message.Should().Contain("disk@v1").And.Contain(error.ExpectedDigest.ToString());

        TestImages.Flip(PackPath, location.Offset + 777, 4);
        (await TryFetchAsync(fetcher, 3)).Should().BeNull();
    }

    /// <summary>A pack cut short costs the segments behind the cut, and a missing pack is named.</summary>
    [Fact]
    public async Task A_truncated_pack_costs_its_tail_and_a_missing_one_is_named()
    {
        var fetcher = new SegmentFetcher(_center);
        using (var file = File.OpenWrite(PackPath))
        {
            file.SetLength(_manifest.LocationOf(6).Offset + 100);
        }

        for (var n = 0; n < _manifest.Map.SegmentCount; n++)
        {
            (await TryFetchAsync(fetcher, n)).Should().Be(n >= 6 ? ImageErrorCode.Truncated : null, "segment {0}", n);
        }

        File.Delete(PackPath);
        _center.Forget(_manifest.Packs[0]);
        (await TryFetchAsync(fetcher, 0)).Should().Be(ImageErrorCode.NotFound);
    }

    /// <summary>A pack that was restored under a new inode is noticed although the old one is still open.</summary>
    [Fact]
    public async Task A_pack_replaced_by_a_good_copy_is_noticed()
    {
        var fetcher = new SegmentFetcher(_center);
        File.Copy(PackPath, PackPath + ".backup");
        TestImages.Flip(PackPath, _manifest.LocationOf(0).Offset, 0);
        (await TryFetchAsync(fetcher, 0)).Should().Be(ImageErrorCode.Corrupt);
        File.Move(PackPath + ".backup", PackPath, overwrite: true);
        (await TryFetchAsync(fetcher, 0)).Should().BeNull();
    }

    /// <summary>Importing the same file again stores what was damaged anew, and damage is never shared.</summary>
    [Fact]
    public async Task Importing_again_repairs()
    {
        TestImages.Flip(PackPath, _manifest.LocationOf(2).Offset + 5, 1);
        var copy = await _center.ImportAsync(TestImages.Request(_content, "copy"), TestImages.Deadline);
        copy.StoredBytes.Should().Be(TestImages.Segment, "only the damaged segment is stored again");
        (await TestImages.ReadAllAsync(_center, copy)).Should().Equal(_content);

        var repaired = await _center.ImportAsync(TestImages.Request(_content), TestImages.Deadline);
        (await TestImages.ReadAllAsync(_center, repaired)).Should().Equal(_content);
        var reread = await _center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(_center, reread)).Should().Equal(_content);
    }

    /// <summary>
    /// Every single-bit flip and every cut of a manifest is a typed error; the image can be imported again.
    /// </summary>
    [Fact]
    public async Task Every_damage_to_a_manifest_is_found()
    {
        var good = File.ReadAllBytes(ManifestPath);
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = good.ToArray();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            IsRejected(bad).Should().BeTrue("bit {0} is flipped", bit);
        }

        for (var length = 0; length < good.Length; length++)
        {
            IsRejected(good[..length]).Should().BeTrue("it is cut at {0}", length);
        }

        IsRejected([.. good, 0]).Should().BeTrue("there is a byte more");
        File.WriteAllBytes(ManifestPath, good[..^1]);
        var read = async () => await _center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        (await read.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.Corrupt);
        (await _center.ListAsync(TestImages.Deadline).ToListAsync()).Should().ContainSingle();
        await _center.ImportAsync(TestImages.Request(_content), TestImages.Deadline);
        var manifest = await _center.GetManifestAsync("disk", "v1", TestImages.Deadline);
        (await TestImages.ReadAllAsync(_center, manifest)).Should().Equal(_content);
    }

    /// <summary>A manifest that was copied under another name is not taken for that image.</summary>
    [Fact]
    public async Task A_manifest_under_another_name_is_refused()
    {
        File.Copy(ManifestPath, _directory["images", "disk", "v9.manifest"]);
        var read = async () => await _center.GetManifestAsync("disk", "v9", TestImages.Deadline);
        (await read.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.Corrupt);
    }

    /// <summary>A listing goes on past a damaged image, and says what is wrong with it.</summary>
    [Fact]
    public async Task A_damaged_image_is_listed_with_its_problem()
    {
        await _center.ImportAsync(TestImages.Request([1, 2, 3], "sound"), TestImages.Deadline);
        TestImages.Flip(ManifestPath, 20, 0);
        var images = await _center.ListAsync(TestImages.Deadline).ToListAsync();
        images.Single(image => image.Name == "disk").Problem.Should().Contain("checksum");
        images.Single(image => image.Name == "sound").Problem.Should().BeNull();
    }

    private static bool IsRejected(byte[] manifest)
    {
        try
        {
            Manifest.Read(new MemoryStream(manifest));
            return false;
        }
        catch (CorruptFormatException)
        {
            return true;
        }
    }

    /// <summary>Null when the right bytes came, otherwise the error's code.</summary>
    private async Task<ImageErrorCode?> TryFetchAsync(SegmentFetcher fetcher, int n)
    {
        var bytes = new byte[_manifest.Map.LengthOf(n)];
        try
        {
            await fetcher.FetchAsync(_manifest, n, bytes, TestImages.Deadline);
        }
        catch (ImageCenterException e)
        {
            return e.Code;
        }

        bytes.AsSpan().SequenceEqual(_content.AsSpan(n * TestImages.Segment, bytes.Length)).Should().BeTrue();
        return null;
    }
}
