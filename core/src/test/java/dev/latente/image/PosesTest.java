package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PosesTest {
    private static final int[] SIZE = {100, 80};

    private static JsonNode json(String text) {
        return JsonMapper.builder().build().readTree(text);
    }

    /** A body of which some points are seen: {number, x, y}. */
    private static String body(int count, double[]... seen) {
        double[] numbers = new double[3 * count];
        for (double[] point : seen) {
            numbers[3 * (int) point[0]] = point[1];
            numbers[3 * (int) point[0] + 1] = point[2];
            numbers[3 * (int) point[0] + 2] = 0.9;
        }
        return "{\"pose_keypoints_2d\": [%s]}"
                .formatted(Arrays.stream(numbers).mapToObj(Double::toString).collect(Collectors.joining(",")));
    }

    private static String people(String... people) {
        return "{\"people\": [%s]}".formatted(String.join(",", people));
    }

    private static int[] colour(Picture p, int x, int y) {
        return new int[] {p.at(x, y, 0), p.at(x, y, 1), p.at(x, y, 2)};
    }

    @Test
    void limbsAndJointsHaveTheirColours() {
        // Neck, right shoulder, right elbow; the elbow's neighbour was not seen.
        Picture p = Poses.draw(
                json(people(body(18, new double[] {1, 50, 20}, new double[] {2, 20, 20}, new double[] {3, 20, 60}))),
                SIZE);
        assertThat(p.width()).isEqualTo(100);
        assertThat(colour(p, 50, 20)).containsExactly(255, 85, 0);
        assertThat(colour(p, 20, 20)).containsExactly(255, 170, 0);
        assertThat(colour(p, 20, 60)).containsExactly(255, 255, 0);
        assertThat(colour(p, 35, 20)).containsExactly(153, 0, 0);
        assertThat(colour(p, 20, 40)).containsExactly(153, 102, 0);
        assertThat(colour(p, 80, 70)).containsExactly(0, 0, 0);
    }

    @Test
    void aBodyOf25IsDrawnAsOneOf18() {
        // Right hip and knee are 9 and 10 of 25, and 8 and 9 of 18; 8 of 25 is between the hips.
        Picture of25 = Poses.draw(
                json(people(body(25, new double[] {8, 70, 70}, new double[] {9, 30, 20}, new double[] {10, 30, 60}))),
                SIZE);
        Picture of18 = Poses.draw(json(people(body(18, new double[] {8, 30, 20}, new double[] {9, 30, 60}))), SIZE);
        assertThat(of25).isEqualTo(of18);
        assertThat(colour(of25, 70, 70)).containsExactly(0, 0, 0);
    }

    @Test
    void pointsAreMeasuredOnTheirCanvasOrInFractions() {
        String pixels = people(body(18, new double[] {0, 50, 40}));
        Picture wanted = Poses.draw(json(pixels), SIZE);
        String twice = people(body(18, new double[] {0, 100, 80}))
                .replaceFirst("\\{", "{\"canvas_width\": 200, \"canvas_height\": 160,");
        assertThat(Poses.draw(json(twice), SIZE)).isEqualTo(wanted);
        assertThat(Poses.draw(json("[%s]".formatted(twice)), null).width()).isEqualTo(200);
        assertThat(Poses.draw(json(people(body(18, new double[] {0, 0.5, 0.5}))), SIZE))
                .isEqualTo(wanted);
    }

    @Test
    void handsAndFacesAreDrawn() {
        String hand = "{\"hand_left_keypoints_2d\": [%s], \"face_keypoints_2d\": [80, 60, 1]}"
                .formatted("10,10,1,30,10,1," + "0,0,0,".repeat(18) + "0,0,0");
        Picture p = Poses.draw(json(people(hand)), SIZE);
        assertThat(colour(p, 20, 10)).containsExactly(255, 0, 0);
        assertThat(colour(p, 30, 10)).containsExactly(0, 0, 255);
        assertThat(colour(p, 80, 60)).containsExactly(255, 255, 255);
    }

    @Test
    void whatIsNoPoseIsRefused() {
        assertThatThrownBy(() -> Poses.draw(json("{}"), SIZE)).hasMessageContaining("[people]");
        assertThatThrownBy(() -> Poses.draw(json(people(body(17))), SIZE)).hasMessageContaining("[17] points");
        assertThatThrownBy(() -> Poses.draw(json(people("{\"face_keypoints_2d\": [1, 2]}")), SIZE))
                .hasMessageContaining("[2] numbers");
        assertThatThrownBy(() -> Poses.draw(json(people(body(18))), null)).hasMessageContaining("--size");
    }
}
