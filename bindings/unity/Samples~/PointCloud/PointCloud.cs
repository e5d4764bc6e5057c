// PointCloud.cs - shows the depth image beside it as a cloud of points. The shader does the work: the mesh has one vertex for each pixel, and
// is made anew only when the image gets another size.
using StreamKinect2.Unity;
using UnityEngine;
using UnityEngine.Rendering;

namespace StreamKinect2.Samples
{
    /// <summary>A cloud of points in metres, as the sensor sees it: the sensor is at the origin of this object and looks along its z axis.</summary>
    [AddComponentMenu("Stream Kinect 2/Samples/Point Cloud")]
    [RequireComponent(typeof(DepthSource), typeof(MeshFilter), typeof(MeshRenderer))]
    public sealed class PointCloud : MonoBehaviour
    {
        private static readonly int DepthId = Shader.PropertyToID("_Depth");
        private static readonly int IntrinsicsId = Shader.PropertyToID("_Intrinsics");
        private static readonly int NearId = Shader.PropertyToID("_Near");
        private static readonly int FarId = Shader.PropertyToID("_Far");
        private static readonly int PointSizeId = Shader.PropertyToID("_PointSize");

        [Tooltip("StreamKinect2/Point Cloud.")]
        [SerializeField] private Shader shader = null;
        [Tooltip("Metres at which points are red.")]
        [SerializeField, Min(0)] private float nearest = 0.5f;
        [Tooltip("Metres at which points are blue.")]
        [SerializeField, Min(0)] private float farthest = 5f;
        [Tooltip("Size of a point in pixels. Direct3D draws points of one pixel whatever this says.")]
        [SerializeField, Min(1)] private float pointSize = 2f;

        private DepthSource source;
        private Texture2D shown;
        private Material material;
        private Mesh mesh;

        private void OnEnable()
        {
            source = GetComponent<DepthSource>();
            // The package's import sets the field; a component that a script adds finds the shader by its name.
            Shader found = shader != null ? shader : Shader.Find("StreamKinect2/Point Cloud");
            if (found == null)
            {
                Debug.LogError("Point Cloud: this player has no shader \"StreamKinect2/Point Cloud\": put it into Project Settings > Graphics > Always Included Shaders", this);
                enabled = false;
                return;
            }
            material = new Material(found) { hideFlags = HideFlags.DontSave };
            GetComponent<MeshRenderer>().sharedMaterial = material;
        }

        private void LateUpdate()
        {
            material.SetFloat(NearId, nearest);
            material.SetFloat(FarId, farthest);
            material.SetFloat(PointSizeId, pointSize);
            if (source.Texture == shown) return;
            shown = source.Texture;
            if (shown == null) return;

            DepthIntrinsics camera = DepthIntrinsics.NominalKinect2.ResampledTo(shown.width, shown.height);
            material.SetTexture(DepthId, shown);
            material.SetVector(IntrinsicsId, new Vector4(camera.FocalX, camera.FocalY, camera.CentreX, camera.CentreY));
            if (mesh != null) Destroy(mesh);
            mesh = PixelMesh(shown.width, shown.height);
            GetComponent<MeshFilter>().sharedMesh = mesh;
        }

        private void OnDisable()
        {
            if (material != null) Destroy(material);
            if (mesh != null) Destroy(mesh);
            // Else these two go on referring to what is destroyed.
            GetComponent<MeshRenderer>().sharedMaterial = null;
            GetComponent<MeshFilter>().sharedMesh = null;
            shown = null;
        }

        /// <summary>One vertex for each pixel, at (column, row, 0).</summary>
        private static Mesh PixelMesh(int width, int height)
        {
            var places = new Vector3[width * height];
            var indices = new int[places.Length];
            for (int i = 0; i < places.Length; i++)
            {
                places[i] = new Vector3(i % width, i / width, 0);
                indices[i] = i;
            }
            var mesh = new Mesh { name = "Pixels", hideFlags = HideFlags.DontSave, indexFormat = IndexFormat.UInt32, vertices = places };
            mesh.SetIndices(indices, MeshTopology.Points, 0, false);
            // The shader moves the vertices: this is all that a sensor can see, up to 9 m away, so that Unity does not leave it out.
            mesh.bounds = new Bounds(new Vector3(0, 0, 4.5f), new Vector3(14, 12, 9));
            return mesh;
        }
    }
}
